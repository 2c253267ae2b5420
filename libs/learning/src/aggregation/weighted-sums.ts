/** Values of a block stay in the first-level cache while all deltas are added to it. */
const block = 2048;

/**
 * Hands over `sum(w_i x delta_i)` at the positions [from, to), block by block: `count` sums from position `start` on, in a
 * buffer that the next block overwrites. Sums are float64, taken in the order of the deltas. An integer weight of 30 bits
 * times a float32 and the sum over any round stay far from overflow. Where the blocks end does not change a bit.
 */
export function forWeightedSums(
  deltas: readonly Float32Array[],
  weights: Float64Array,
  from: number,
  to: number,
  use: (sums: Float64Array, start: number, count: number) => void,
): void {
  const sums = new Float64Array(block);
  for (let start = from; start < to; start += block) {
    const count = Math.min(block, to - start);
    sums.fill(0);
    let i = 0;
    for (; i + 3 < deltas.length; i += 4) addFour(sums, deltas, weights, i, start, count);
    for (; i < deltas.length; i++) addOne(sums, deltas[i]!, weights[i]!, start, count);
    use(sums, start, count);
  }
}

function addOne(sums: Float64Array, delta: Float32Array, weight: number, start: number, count: number) {
  for (let k = 0; k < count; k++) sums[k] = sums[k]! + weight * delta[start + k]!;
}

/** The same additions in the same order as four times {@link addOne}, with a quarter of the loads and stores. */
function addFour(
  sums: Float64Array,
  deltas: readonly Float32Array[],
  weights: Float64Array,
  i: number,
  start: number,
  count: number,
) {
  const [a, b, c, d] = [deltas[i]!, deltas[i + 1]!, deltas[i + 2]!, deltas[i + 3]!];
  const [u, v, w, x] = [weights[i]!, weights[i + 1]!, weights[i + 2]!, weights[i + 3]!];
  for (let k = 0; k < count; k++) {
    const at = start + k;
    sums[k] = sums[k]! + u * a[at]! + v * b[at]! + w * c[at]! + x * d[at]!;
  }
}
