import { sharedFloats } from '#libs/data';

/** Themselves where threads share them already; otherwise a copy, once for all of them. */
export function shared(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = sharedFloats(values.length);
  copy.set(values);
  return copy;
}
