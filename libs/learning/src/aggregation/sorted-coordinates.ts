import type { Candidate } from './candidate.ts';

/** Bytes that a tile may take: half of a usual first-level cache, the rest is for the deltas that it is filled from. */
const tileBytes = 16_384;

/** Above this many values the engine's own sort is faster than insertion. */
const insertionLimit = 48;

/**
 * Sorts the n values of every coordinate. They arrive in tiles: value j of coordinate `start + k`, ascending in j, lies
 * at `k * n + j`; the tile is used again for the next call.
 */
export function eachSortedTile(
  candidates: readonly Candidate[],
  use: (tile: Float32Array, start: number, count: number) => void,
): void {
  const n = candidates.length;
  const { length } = candidates[0]!.delta;
  const coordinates = Math.max(1, Math.floor(tileBytes / 4 / n));
  const tile = new Float32Array(coordinates * n);
  for (let start = 0; start < length; start += coordinates) {
    const count = Math.min(coordinates, length - start);
    if (n <= insertionLimit) insertAll(tile, candidates, start, count);
    else sortAll(tile, candidates, start, count);
    use(tile, start, count);
  }
}

/** One candidate after the other is inserted into the columns: reads every delta in order, writes within the tile. */
function insertAll(tile: Float32Array, candidates: readonly Candidate[], start: number, count: number) {
  const n = candidates.length;
  for (let i = 0; i < n; i++) {
    const { delta } = candidates[i]!;
    for (let k = 0; k < count; k++) {
      const value = delta[start + k]!;
      const bottom = k * n;
      let at = bottom + i;
      for (; at > bottom && tile[at - 1]! > value; at--) tile[at] = tile[at - 1]!;
      tile[at] = value;
    }
  }
}

function sortAll(tile: Float32Array, candidates: readonly Candidate[], start: number, count: number) {
  const n = candidates.length;
  for (const [i, { delta }] of candidates.entries()) {
    for (let k = 0; k < count; k++) tile[k * n + i] = delta[start + k]!;
  }
  for (let k = 0; k < count; k++) tile.subarray(k * n, (k + 1) * n).sort();
}
