import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parameters } from '../parameters.ts';
import { type CodecName, codecNames, decode, encode, maxSizeBytes } from './index.ts';
import { encoded, layoutOf, models } from './models.fixture.ts';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

function decodedValues(codec: CodecName, parameters: Parameters): Float32Array {
  const outcome = decode(codec, encoded(codec, parameters), parameters.layout);
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.parameters.values;
}

const vector = (...values: number[]): Parameters => ({
  layout: layoutOf(['v', values.length]),
  values: Float32Array.from(values),
});

/** The greatest float32. */
const greatest = 2 ** 128 - 2 ** 104;

/** How far a decoded value may be from x in a tensor whose greatest magnitude is `max`. */
const bounds: Readonly<Record<CodecName, (x: number, max: number) => number>> = {
  float32: () => 0,
  float16: (x) => (Math.abs(x) > 65_504 ? Math.abs(x) - 65_504 : Math.max(Math.abs(x) / 2 ** 11, 2 ** -25)),
  // Half a scale that was rounded up to 17 bits; the end of float32 saturates.
  int8: (_x, max) => (max / 254) * (1 + 2 ** -16) + 2 ** -143 + (max > greatest * 0.99 ? max / 100 : 0),
};

describe.each(codecNames)('%s', (codec) => {
  test('what was encoded decodes to within its bound, under the same layout', () => {
    fc.assert(
      fc.property(models(finite), (parameters) => {
        const values = decodedValues(codec, parameters);
        expect(values.length).toBe(parameters.values.length);
        for (const { offset, size } of parameters.layout) {
          const tensor = parameters.values.subarray(offset, offset + size);
          const max = tensor.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          tensor.forEach((x, i) => {
            expect(Math.abs(values[offset + i]! - x)).toBeLessThanOrEqual(bounds[codec](x, max));
          });
        }
      }),
    );
  });

  test('what was decoded encodes to the same values again', () => {
    fc.assert(
      fc.property(models(finite), (parameters) => {
        const once = decodedValues(codec, parameters);
        expect(decodedValues(codec, { layout: parameters.layout, values: once })).toEqual(once);
      }),
    );
  });

  test('the same parameters give the same bytes, never more than the bound', () => {
    fc.assert(
      fc.property(models(finite), (parameters) => {
        const bytes = encoded(codec, parameters);
        expect(encoded(codec, { ...parameters, values: parameters.values.slice() })).toEqual(bytes);
        expect(bytes.length).toBeLessThanOrEqual(maxSizeBytes(codec, parameters.layout) as number);
      }),
    );
  });

  test('bytes are read wherever they lie in a larger buffer', () => {
    fc.assert(
      fc.property(models(finite), fc.nat(9), (parameters, at) => {
        const bytes = encoded(codec, parameters);
        const larger = Buffer.alloc(bytes.length + 20, 0xff);
        larger.set(bytes, at);
        const here = decode(codec, larger.subarray(at, at + bytes.length), parameters.layout);
        expect(here).toEqual(decode(codec, bytes, parameters.layout));
        expect(here.kind).toBe('decoded');
      }),
    );
  });

  test('metadata comes back as it was given', () => {
    fc.assert(
      fc.property(fc.record({ run: fc.string(), base: fc.string() }, { requiredKeys: [] }), (metadata) => {
        const outcome = encode(codec, vector(1, 2), metadata);
        if (outcome.kind === 'refused') throw new Error(outcome.reason);
        expect(decode(codec, outcome.bytes, vector(1, 2).layout)).toMatchObject({
          kind: 'decoded',
          metadata,
        });
      }),
    );
  });

  test('parameters that cannot be encoded are refused by name', () => {
    const layout = layoutOf(['kernel', 2, 2], ['bias', 2]);
    expect(encode(codec, { layout, values: Float32Array.of(1, 2, 3, 4, 5, -Infinity) })).toMatchObject({
      kind: 'refused',
      code: 'NOT_FINITE',
      reason: 'tensor "bias" holds -Infinity at value 1',
      facts: { tensor: 'bias', at: 1 },
    });
    expect(encode(codec, { layout, values: new Float32Array(5) })).toMatchObject({ code: 'LAYOUT_INVALID' });
    const gap = [layout[0]!, { ...layout[1]!, offset: 5 }];
    expect(encode(codec, { layout: gap, values: new Float32Array(7) })).toMatchObject({
      code: 'LAYOUT_INVALID',
    });
    const twice = { layout: layoutOf(['a', 1], ['a', 1]), values: new Float32Array(2) };
    expect(encode(codec, twice)).toMatchObject({ code: 'LAYOUT_INVALID' });
    expect(encode(codec, vector(1), { run: 'r'.repeat(5000) })).toMatchObject({ code: 'SIZE_EXCEEDED' });
  });
});

describe('float16', () => {
  const through = (...values: number[]) => [...decodedValues('float16', vector(...values))];

  test('saturates instead of overflowing, and keeps the sign of what vanishes', () => {
    expect(through(65_504, 65_519, 65_520, 1e30, -65_520, -greatest)).toEqual([
      65_504, 65_504, 65_504, 65_504, -65_504, -65_504,
    ]);
    expect(through(0, -0, 1e-40, -1e-40, 2 ** -26)).toEqual([0, -0, 0, -0, 0]);
  });

  test('values worked by hand: exact, tie to even, subnormal', () => {
    expect(through(1, -2.5, 1 + 2 ** -11, 1 + 3 * 2 ** -11)).toEqual([1, -2.5, 1, 1 + 2 ** -9]);
    expect(through(2 ** -24, 1.5 * 2 ** -24, 2.5 * 2 ** -24, 2 ** -25)).toEqual([
      2 ** -24,
      2 ** -23,
      2 ** -23,
      0,
    ]);
    expect(through(2 ** -14 - 2 ** -26)).toEqual([2 ** -14]);
  });
});

describe('int8', () => {
  const through = (...values: number[]) => [...decodedValues('int8', vector(...values))];

  test('values worked by hand: the scale is max / 127, ties go to even', () => {
    expect(through(127, 0.5, 1.5, -2.5, -127, 3.4)).toEqual([127, 0, 2, -2, -127, 3]);
    expect(through(0, 0)).toEqual([0, 0]);
  });

  test('has one scale a tensor', () => {
    const parameters = { layout: layoutOf(['large', 1], ['small', 1]), values: Float32Array.of(1e6, 1e-6) };
    const [large, small] = decodedValues('int8', parameters);
    expect(large! / 1e6).toBeCloseTo(1, 4);
    expect(small! / 1e-6).toBeCloseTo(1, 4);
  });

  test('the ends of float32 stay finite', () => {
    expect(through(2 ** -142, -(2 ** -149))).toEqual([2 ** -142, -0].map((value) => value + 0));
    const [top] = through(greatest);
    expect(top).toBeLessThanOrEqual(greatest);
    expect(top).toBeGreaterThan(greatest * 0.99);
  });

  test('two tensors whose names meet in the container are refused', () => {
    const layout = layoutOf(['a', 1], ['a.scale', 1]);
    expect(encode('int8', { layout, values: new Float32Array(2) })).toMatchObject({
      code: 'LAYOUT_INVALID',
      facts: { tensor: 'a.scale' },
    });
  });
});
