/**
 * Conversion between float32 and binary16 bits by tables, after van der Zijp 2008, "Fast Half Float Conversions", with the
 * rounding that the paper leaves out. A float32 is a sign, an exponent of 8 bits, which is the index of the tables, and
 * a mantissa of 23 bits: `half = base + round(mantissa with its implicit bit >> shift)`.
 */
const base = new Uint16Array(256);
const shift = new Uint8Array(256);
const implicit = new Uint32Array(256);

/** The greatest finite half, 65,504. */
const greatest = 0x7bff;

for (let index = 0; index < 256; index++) {
  const exponent = index - 127;
  const normal = exponent >= -14;
  // Normal: the implicit bit, shifted, adds one to the exponent field, so the base has one less.
  base[index] = normal ? Math.min(exponent + 14, 30) << 10 : 0;
  // Subnormal: units of 2^-24; below 2^-25 everything rounds to zero, whatever is shifted out.
  shift[index] = normal ? 13 : Math.min(-1 - exponent, 26);
  implicit[index] = exponent === -127 ? 0 : 0x800000;
}

/** Writes the bits of the nearest halves, ties to even; finite values beyond the greatest half saturate. */
export function toHalf(values: Float32Array, halves: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    const index = (value >>> 23) & 0xff;
    const by = shift[index]!;
    const mantissa = (value & 0x7fffff) | implicit[index]!;
    // To nearest: add just under half of the last place, and the last bit itself to break ties to even. A carry out of
    // the mantissa runs into the exponent, which is what it means.
    const rounded = (mantissa + (1 << (by - 1)) - 1 + ((mantissa >> by) & 1)) >> by;
    const half = base[index]! + rounded;
    halves[i] = ((value >>> 31) << 15) | (half > greatest ? greatest : half);
  }
}

/** The value of each of the 65,536 halves; filled at the first use, 256 kB. */
let values16: Float32Array | undefined;

function tabulated(): Float32Array {
  return Float32Array.from({ length: 65_536 }, (_, half) => {
    const sign = half >> 15 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
    if (exponent === 0) return (sign * mantissa) / 0x1000000;
    return (sign * (1024 + mantissa) * (1 << exponent)) / 0x2000000;
  });
}

/** The exact values of halves, infinities and NaN included. */
export function fromHalf(halves: Uint16Array, values: Float32Array): void {
  const table = (values16 ??= tabulated());
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!;
}
