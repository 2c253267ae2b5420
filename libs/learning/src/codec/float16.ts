import { bytesPer, type Codec } from './codec.ts';
import { fromHalf, toHalf } from './half.ts';

/**
 * IEEE 754 binary16, rounded to nearest, ties to even: 2 bytes a parameter. The error is at most |x| / 2^11, or 2^-25 where
 * |x| < 2^-14; beyond 65,504 values saturate, because an infinity would cost the whole update.
 */
export const float16: Codec = {
  name: 'float16',
  isExact: false,
  parts: ({ name, shape }) => [{ name, type: 'F16', shape }],
  encode(values, [data]) {
    toHalf(values, halvesOf(data!));
  },
  decode([data], values) {
    fromHalf(halvesOf(data!), values);
    return undefined;
  },
};

const halvesOf = ({ buffer, byteOffset, length }: Uint8Array) =>
  new Uint16Array(buffer, byteOffset, length / bytesPer.F16);
