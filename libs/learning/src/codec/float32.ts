import type { Codec } from './codec.ts';

/** The values as they are: 4 bytes a parameter, no loss. Platforms that Node runs on are little-endian, as the container is. */
export const float32: Codec = {
  name: 'float32',
  parts: ({ name, shape }) => [{ name, type: 'F32', shape }],
  encode(values, [data]) {
    new Float32Array(data!).set(values);
  },
  decode([data], values) {
    values.set(new Float32Array(data!));
    return undefined;
  },
};
