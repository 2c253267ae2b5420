import type { Candidate } from './candidate.ts';
import { rowsOf } from './exchange.ts';

/** Coordinates sorted at a time: 20 rows of them stay in the second-level cache. */
const tileLength = 1024;

/** Row j holds the j-th smallest of the n values of `count` coordinates, the first of which is `start`. */
export type UseTile = (rows: readonly Float32Array[], start: number, count: number) => void;

/** Sorts the n values of every coordinate, a tile of coordinates at a time; the rows are used again for the next one. */
export function eachSortedTile(candidates: readonly Candidate[], use: UseTile): void {
  const n = candidates.length;
  const { length } = candidates[0]!.delta;
  const { rows, exchange } = rowsOf(n, tileLength);
  const network = sortingNetwork(n);
  for (let start = 0; start < length; start += tileLength) {
    const count = Math.min(tileLength, length - start);
    for (const [j, { delta }] of candidates.entries()) rows[j]!.set(delta.subarray(start, start + count));
    for (const [a, b] of network) exchange(a, b, count);
    use(rows, start, count);
  }
}

/**
 * Pairs (a, b), a < b, to be put in order one after the other so that n values are sorted: merge exchange (Batcher 1968;
 * Knuth, The Art of Computer Programming 3, algorithm 5.2.2M). About n (log2 n)^2 / 4 pairs, whatever the values, so that nobody
 * can slow a merge down by what it sends.
 */
export function sortingNetwork(n: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let p = 1; p < n; p *= 2) {
    for (let k = p; k >= 1; k /= 2) {
      for (let j = k % p; j + k < n; j += 2 * k) {
        for (let a = j; a < j + k && a + k < n; a++) {
          const sameBlock = Math.floor(a / (2 * p)) === Math.floor((a + k) / (2 * p));
          if (sameBlock) pairs.push([a, a + k]);
        }
      }
    }
  }
  return pairs;
}
