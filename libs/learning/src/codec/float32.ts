import { bytesPer, type Codec } from './codec.ts';

/** The values as they are: 4 bytes a parameter, no loss. Platforms that Node runs on are little-endian, as the container is. */
export const float32: Codec = {
  name: 'float32',
  isExact: true,
  parts: ({ name, shape }) => [{ name, type: 'F32', shape }],
  encode(values, [data]) {
    floatsOf(data!).set(values);
  },
  decode([data], values) {
    values.set(floatsOf(data!));
    return undefined;
  },
};

const floatsOf = ({ buffer, byteOffset, length }: Uint8Array) =>
  new Float32Array(buffer, byteOffset, length / bytesPer.F32);
