import { describe, expect, test } from 'vitest';
import { fromHalf, toHalf } from './half.ts';

/** All finite halves, from 0 up, with their values by the definition of the format. */
const halves = Uint16Array.from({ length: 0x7c00 }, (_, half) => half);
const values = new Float32Array(halves.length);
fromHalf(halves, values);

function bitsOf(floats: Float32Array): Uint16Array {
  const bits = new Uint16Array(floats.length);
  toHalf(floats, bits);
  return bits;
}

/** The float32 next to positive ones, up or down. */
const next = (floats: Float32Array, by: 1 | -1) => {
  const bits = new Uint32Array(floats.slice().buffer);
  return new Float32Array(bits.map((value) => value + by).buffer);
};

describe('all finite halves', () => {
  test('have the values of IEEE 754', () => {
    expect([values[0], values[1], values[0x3ff], values[0x400], values[0x3c00], values[0x7bff]]).toEqual([
      0,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      1,
      65_504,
    ]);
    // Steps double from one binade to the next; the subnormals and the first normals share theirs.
    const steps = values.slice(1).map((value, i) => value - values[i]!);
    expect(steps).toEqual(Float32Array.from(steps, (_, i) => 2 ** (Math.max(i >> 10, 1) - 25)));
  });

  test('come back from their values, with either sign', () => {
    expect(bitsOf(values)).toEqual(halves);
    expect(bitsOf(values.map((value) => -value))).toEqual(halves.map((half) => half | 0x8000));
  });

  test('take what is nearer to them than to the next, and of ties the even one', () => {
    const middles = values.slice(1).map((value, i) => (value + values[i]!) / 2);
    const lower = halves.subarray(0, -1);
    expect(bitsOf(next(middles, -1))).toEqual(lower);
    expect(bitsOf(next(middles, 1))).toEqual(lower.map((half) => half + 1));
    expect(bitsOf(middles)).toEqual(lower.map((half) => half + (half & 1)));
    expect(bitsOf(middles.map((value) => -value))).toEqual(lower.map((half) => (half + (half & 1)) | 0x8000));
  });

  test('infinities and NaN decode as such, so that whoever decodes can refuse them', () => {
    const special = new Float32Array(3);
    fromHalf(Uint16Array.of(0x7c00, 0xfc00, 0x7e01), special);
    expect([...special]).toEqual([Infinity, -Infinity, NaN]);
  });
});
