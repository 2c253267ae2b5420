/** A rational number >= 0. Shares and exponents are kept this way because 2/3 has no finite decimal. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** part / whole > ratio, exactly. */
export function exceeds(part: bigint, whole: bigint, { numerator, denominator }: Ratio): boolean {
  return part * BigInt(denominator) > whole * BigInt(numerator);
}

/** Smallest integer >= ratio * n. */
export function ceilOf({ numerator, denominator }: Ratio, n: number): number {
  return Number((BigInt(numerator) * BigInt(n) + BigInt(denominator) - 1n) / BigInt(denominator));
}

/** Largest integer r with r ** degree <= n, for n >= 0 and degree >= 1 (bisection by bits; a root in floats would round). */
export function integerRoot(n: bigint, degree: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << (BigInt(n.toString(2).length) / degree + 1n); bit > 0n; bit >>= 1n) {
    const candidate = root | bit;
    if (candidate ** degree <= n) root = candidate;
  }
  return root;
}
