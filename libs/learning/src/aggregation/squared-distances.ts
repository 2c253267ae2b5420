import type { Candidate } from './candidate.ts';

/** Values of a block of all candidates stay in the second-level cache while every pair is visited. */
const block = 2048;

/**
 * `||delta_i - delta_j||^2` at `i * n + j` and `j * n + i`. One pass over memory, O(n^2) a parameter. Each is the
 * sum, in order, of the sums of its blocks in float64; differences are formed first, because the shorter way over
 * inner products cancels where updates are near each other, which is where Krum decides.
 */
export function squaredDistances(candidates: readonly Candidate[]): Float64Array {
  const deltas = candidates.map(({ delta }) => delta);
  const n = deltas.length;
  const { length } = deltas[0]!;
  const distances = new Float64Array(n * n);
  for (let start = 0; start < length; start += block) {
    const end = Math.min(start + block, length);
    for (let i = 0; i < n; i++) {
      let j = i + 1;
      for (; j + 3 < n; j += 4) addFour(distances, deltas, i, j, start, end);
      for (; j < n; j++) addOne(distances, deltas, i, j, start, end);
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) distances[i * n + j] = distances[j * n + i]!;
  return distances;
}

function addOne(
  distances: Float64Array,
  deltas: readonly Float32Array[],
  i: number,
  j: number,
  start: number,
  end: number,
) {
  const a = deltas[i]!;
  const b = deltas[j]!;
  let sum = 0;
  for (let k = start; k < end; k++) {
    const difference = a[k]! - b[k]!;
    sum += difference * difference;
  }
  const at = i * deltas.length + j;
  distances[at] = distances[at]! + sum;
}

/** The same sums as four times {@link addOne}: four at a time, because each addition waits for the last. */
function addFour(
  distances: Float64Array,
  deltas: readonly Float32Array[],
  i: number,
  j: number,
  start: number,
  end: number,
) {
  const a = deltas[i]!;
  const [b, c, d, e] = [deltas[j]!, deltas[j + 1]!, deltas[j + 2]!, deltas[j + 3]!];
  let [toB, toC, toD, toE] = [0, 0, 0, 0];
  for (let k = start; k < end; k++) {
    const value = a[k]!;
    const differenceB = value - b[k]!;
    const differenceC = value - c[k]!;
    const differenceD = value - d[k]!;
    const differenceE = value - e[k]!;
    toB += differenceB * differenceB;
    toC += differenceC * differenceC;
    toD += differenceD * differenceD;
    toE += differenceE * differenceE;
  }
  const at = i * deltas.length + j;
  distances[at] = distances[at]! + toB;
  distances[at + 1] = distances[at + 1]! + toC;
  distances[at + 2] = distances[at + 2]! + toD;
  distances[at + 3] = distances[at + 3]! + toE;
}
