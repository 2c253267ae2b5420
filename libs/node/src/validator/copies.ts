import type { Recall } from '../recall.ts';
import type { Update } from '../update-opener.ts';

/** From this cosine similarity on with somebody else's update of an earlier lineup, an update is a copy. */
const threshold = 0.98;
/** A sketch this similar is looked at in full. Its error is about 1 / sqrt(buckets). */
const suspicion = 0.9;
const buckets = 4_096;
const keptLineups = 2;

/** Buckets that are compared between two looks at whether the rest could still make a difference. */
const stride = 128;

/**
 * Remembers the updates of the last lineups and finds those that come again as somebody else's. To compare a hundred
 * updates with a hundred others in full would take longer than to score them, so that sketches (Charikar, Chen,
 * Farach-Colton 2002) are compared, and in full only what looks alike.
 */
export class Copies {
  readonly #recall: Recall;
  readonly #lineups: { readonly round: number; readonly updates: readonly Update[] }[] = [];

  constructor(recall: Recall) {
    this.#recall = recall;
  }

  /** Which of a lineup's updates are copies of earlier ones; remembers them for later lineups. */
  among(round: number, updates: readonly Update[]): Promise<readonly boolean[]> {
    const earlier = this.#lineups
      .filter((lineup) => lineup.round < round)
      .flatMap((lineup) => lineup.updates);
    if (this.#lineups.every((lineup) => lineup.round !== round)) this.#lineups.push({ round, updates });
    if (this.#lineups.length > keptLineups) this.#lineups.shift();
    return this.#recall.once(`copies ${namesOf(updates)} of ${namesOf(earlier)}`, () =>
      updates.map((one) => earlier.some((other) => isCopy(one, other))),
    );
  }
}

const namesOf = (updates: readonly Update[]): string => updates.map(({ receipt }) => receipt).join();

const isCopy = (one: Update, other: Update): boolean =>
  one.trainer !== other.trainer &&
  looksAlike(sketchOf(one.delta), sketchOf(other.delta)) &&
  cosine(one.delta, other.delta) >= threshold;

/** A count sketch: each value, with a sign of its own, is added to one of the buckets. Cosines survive it about. */
interface Sketch {
  readonly values: Float32Array;
  readonly square: number;
  /** Norm of what follows each stride. */
  readonly rest: Float64Array;
}

/** Each is needed for three lineups, and kept as long as its update. */
const sketches = new WeakMap<Float32Array, Sketch>();

function sketchOf(delta: Float32Array): Sketch {
  const known = sketches.get(delta) ?? measured(sketched(delta));
  sketches.set(delta, known);
  return known;
}

function sketched(delta: Float32Array): Float32Array {
  const sketch = new Float32Array(buckets);
  for (let i = 0; i < delta.length; i++) {
    // A multiplicative hash (Knuth, TAOCP 6.4): its high bits choose the bucket, the next one the sign.
    const hash = Math.imul(i + 1, 0x9e3779b1) >>> 0;
    const bucket = hash >>> 20;
    sketch[bucket]! += (hash & 0x80000) === 0 ? delta[i]! : -delta[i]!;
  }
  return sketch;
}

function measured(values: Float32Array): Sketch {
  const rest = new Float64Array(buckets / stride);
  for (let s = rest.length - 1; s > 0; s--) {
    const own = values.subarray(s * stride, (s + 1) * stride);
    rest[s - 1] = Math.hypot(rest[s]!, Math.sqrt(product(own, own)));
  }
  return { values, square: product(values, values), rest };
}

/**
 * Whether the cosine of two sketches is at least {@link suspicion}. What the buckets that are left could add is at most the
 * product of their norms (Cauchy-Schwarz), and for most pairs that is soon too little, by more than rounding can be.
 */
function looksAlike(a: Sketch, b: Sketch): boolean {
  const norms = Math.sqrt(a.square * b.square);
  const least = (suspicion - 1e-9) * norms;
  let ab = 0;
  for (let s = 0; s < a.rest.length; s++) {
    for (let i = s * stride; i < (s + 1) * stride; i++) ab += a.values[i]! * b.values[i]!;
    if (ab + a.rest[s]! * b.rest[s]! < least) return false;
  }
  return norms > 0 && ab / norms >= suspicion;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const squares = product(a, a) * product(b, b);
  return squares === 0 ? 0 : product(a, b) / Math.sqrt(squares);
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
