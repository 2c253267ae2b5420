import fc from 'fast-check';
import type { Layout, Parameters } from '../parameters.ts';
import { type CodecName, encode } from './index.ts';

/** Tensors one after the other. */
export function layoutOf(...tensors: readonly (readonly [name: string, ...shape: number[]])[]): Layout {
  let offset = 0;
  return tensors.map(([name, ...shape]) => {
    const slot = { name, shape, offset, size: shape.reduce((a, b) => a * b, 1) };
    offset += slot.size;
    return slot;
  });
}

const layouts: fc.Arbitrary<Layout> = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('dense/kernel', '0', '"', '__proto__', 'constructor'),
      ),
      fc.array(fc.nat(4), { maxLength: 3 }),
    ),
    { maxLength: 5, selector: ([name]) => name },
  )
  .map((tensors) => layoutOf(...tensors.map(([name, shape]) => [name, ...shape] as const)));

/** Models of any shape, scalars and empty tensors too, under any names. */
export function models(value: fc.Arbitrary<number>): fc.Arbitrary<Parameters> {
  return layouts.chain((layout) => {
    const size = layout.reduce((sum, slot) => sum + slot.size, 0);
    return fc
      .array(value, { minLength: size, maxLength: size })
      .map((values) => ({ layout, values: Float32Array.from(values) }));
  });
}

/** The bytes of parameters that must not be refused. */
export function encoded(codec: CodecName, parameters: Parameters): Uint8Array<ArrayBuffer> {
  const outcome = encode(codec, parameters);
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.bytes;
}

/** A container with any header and data, well-formed or not. */
export function container(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
