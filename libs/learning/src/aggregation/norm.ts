/**
 * Euclidean norm; four sums in float64, combined in one order. The square of a float32 cannot overflow them, so the norm is
 * finite exactly where all values are.
 */
export function norm(delta: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < delta.length; i += 4) {
    a += delta[i]! * delta[i]!;
    b += delta[i + 1]! * delta[i + 1]!;
    c += delta[i + 2]! * delta[i + 2]!;
    d += delta[i + 3]! * delta[i + 3]!;
  }
  for (; i < delta.length; i++) a += delta[i]! * delta[i]!;
  return Math.sqrt(a + b + c + d);
}
