import type { ActorId } from '#libs/protocol';
import type { Update } from '../update-opener.ts';

/** From this cosine similarity on with somebody else's update of an earlier lineup, an update is a copy. */
const threshold = 0.98;
/** A sketch this similar is looked at in full. Its error is about 1 / sqrt(buckets). */
const suspicion = 0.9;
const buckets = 4_096;
const keptLineups = 2;

interface Known {
  readonly trainer: ActorId;
  readonly sketch: Float32Array;
  readonly delta: Float32Array;
}

/**
 * Remembers the updates of the last lineups and finds those that come again as somebody else's. To compare a hundred
 * updates with a hundred others in full would take longer than to score them, so that sketches (Charikar, Chen,
 * Farach-Colton 2002) are compared, and in full only what looks alike.
 */
export class Copies {
  readonly #lineups: { readonly round: number; readonly known: readonly Known[] }[] = [];

  /** Which of a lineup's updates are copies of earlier ones; remembers them for later lineups. */
  among(round: number, updates: readonly Update[]): boolean[] {
    const earlier = this.#lineups.filter((lineup) => lineup.round < round).flatMap(({ known }) => known);
    const mine = updates.map(({ trainer, delta }): Known => ({ trainer, delta, sketch: sketchOf(delta) }));
    if (this.#lineups.every((lineup) => lineup.round !== round)) this.#lineups.push({ round, known: mine });
    if (this.#lineups.length > keptLineups) this.#lineups.shift();
    return mine.map((one) => earlier.some((other) => isCopy(one, other)));
  }
}

const isCopy = (one: Known, other: Known): boolean =>
  one.trainer !== other.trainer &&
  cosine(one.sketch, other.sketch) >= suspicion &&
  cosine(one.delta, other.delta) >= threshold;

/** A count sketch: each value, with a sign of its own, is added to one of the buckets. Cosines survive it about. */
function sketchOf(delta: Float32Array): Float32Array {
  const sketch = new Float32Array(buckets);
  for (let i = 0; i < delta.length; i++) {
    // A multiplicative hash (Knuth, TAOCP 6.4): its high bits choose the bucket, the next one the sign.
    const hash = Math.imul(i + 1, 0x9e3779b1) >>> 0;
    const bucket = hash >>> 20;
    sketch[bucket]! += (hash & 0x80000) === 0 ? delta[i]! : -delta[i]!;
  }
  return sketch;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}
