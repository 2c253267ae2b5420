import type { Codec } from './codec.ts';

/** Scales have 17 significant bits, so that their products with all of [-128, 127] are float32 without rounding. */
const lowBits = 0x7f;

/** The greatest scale of that kind whose product with -128 is finite. */
const greatestScale = 2 ** 121 - 2 ** 104;

/** Adding and taking away 1.5 x 2^52 leaves a float64 without fraction, rounded to nearest, ties to even. */
const toInteger = 1.5 * 2 ** 52;

/**
 * One byte a parameter and one float32 scale a tensor: `round(x / scale)` in [-127, 127], ties to even, with
 * `scale = max|x| / 127` rounded up to 17 significant bits, so that nothing is clamped and what was decoded once encodes to
 * the same bytes. The error is at most scale / 2; only at the very end of float32, where the scale could not be undone, values
 * saturate, 1 % below it. Symmetric linear quantisation as in Jacob et al. 2018, "Quantization and Training of Neural
 * Networks for Efficient Integer-Arithmetic-Only Inference", equation 1 with zero point 0.
 */
export const int8: Codec = {
  name: 'int8',
  isExact: false,
  parts: ({ name, shape }) => [
    { name: `${name}.scale`, type: 'F32', shape: [] },
    { name, type: 'I8', shape },
  ],
  encode(values, [scaleData, data]) {
    const scale = scaleFor(values);
    scaleIn(scaleData!)[0] = scale;
    const quantised = quantisedIn(data!);
    if (scale === 0) return;
    for (let i = 0; i < values.length; i++) {
      const steps = values[i]! / scale + toInteger - toInteger;
      quantised[i] = steps > 127 ? 127 : steps < -127 ? -127 : steps;
    }
  },
  decode([scaleData, data], values) {
    const scale = scaleIn(scaleData!)[0]!;
    if (!(scale >= 0 && scale <= greatestScale)) return { at: 0, is: `a scale of ${scale}` };
    const quantised = quantisedIn(data!);
    for (let i = 0; i < values.length; i++) values[i] = quantised[i]! * scale;
    return undefined;
  },
};

const scaleIn = ({ buffer, byteOffset }: Uint8Array) => new Float32Array(buffer, byteOffset, 1);

const quantisedIn = ({ buffer, byteOffset, length }: Uint8Array) => new Int8Array(buffer, byteOffset, length);

function scaleFor(values: Float32Array): number {
  let greatest = 0;
  for (const value of values) {
    const magnitude = Math.abs(value);
    if (magnitude > greatest) greatest = magnitude;
  }
  const scale = new Float32Array([greatest / 127]);
  const bits = new Uint32Array(scale.buffer);
  // The bits of positive floats are in the order of their values: the next float is the next integer.
  if (scale[0]! * 127 < greatest) bits[0]!++;
  bits[0] = (bits[0]! + lowBits) & ~lowBits;
  return Math.min(scale[0]!, greatestScale);
}
