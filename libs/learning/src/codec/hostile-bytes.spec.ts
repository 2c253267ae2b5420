import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { type CodecCode, type CodecName, codecNames, decode, maxSizeBytes } from './index.ts';
import { container, encoded, layoutOf } from './models.fixture.ts';

const layout = layoutOf(['kernel', 2, 3], ['bias', 3]);
const parameters = { layout, values: Float32Array.of(1, -2, 3, -4, 5, -6, 0.5, 0, -0.25) };

/** Whatever the bytes are: an answer, and if they are accepted, parameters that the model can take. */
function answer(codec: CodecName, bytes: Uint8Array) {
  const outcome = decode(codec, bytes, layout);
  if (outcome.kind === 'decoded') {
    const { values } = outcome.parameters;
    if (values.length !== 9 || !values.every((value) => Number.isFinite(value))) expect.fail(String(values));
  } else if (outcome.reason.length > 700 || /[^ -~]/.test(outcome.reason)) {
    expect.fail(`a log line cannot hold: ${JSON.stringify(outcome.reason)}`);
  }
  return outcome;
}

const metadata = { 'flobc.format': '1', 'flobc.codec': 'float32' };
const kernel = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
const bias = { dtype: 'F32', shape: [3], data_offsets: [24, 36] };
const data = new Uint8Array(parameters.values.buffer);

describe('bytes that another writer made', () => {
  test('the container is a safetensors file, byte for byte', () => {
    const bytes = encoded('float32', { layout: layoutOf(['w', 2]), values: Float32Array.of(1, -2) });
    const text =
      '{"__metadata__":{"flobc.format":"1","flobc.codec":"float32"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(Buffer.from(bytes).toString('latin1')).toBe(
      `\x78\0\0\0\0\0\0\0${text.padEnd(0x78)}\0\0\x80\x3f\0\0\0\xc0`,
    );
  });

  test('tensors in another order, white space, escapes and metadata of their own are accepted', () => {
    const swapped = new Uint8Array([...data.subarray(24), ...data.subarray(0, 24)]);
    const header = {
      bias: { shape: [3], data_offsets: [0, 12], dtype: 'F32' },
      kernel: { ...kernel, data_offsets: [12, 36] },
      __metadata__: { ...metadata, format: 'np', 'flobc.base': 'b' },
    };
    const text = JSON.stringify(header, null, 2).replace('"kernel"', String.raw`"\u006bernel"`);
    expect(answer('float32', container(text, swapped))).toEqual({
      kind: 'decoded',
      parameters,
      metadata: { base: 'b' },
    });
  });
});

describe('refused with its code and the place:', () => {
  const whole = { __metadata__: metadata, kernel, bias };
  const refusals: [string, Uint8Array, CodecCode, string][] = [
    ['nothing', new Uint8Array(), 'TRUNCATED', '0 bytes are too few'],
    ['no data', container(whole), 'TRUNCATED', 'fewer than'],
    ['data too long', container(whole, new Uint8Array(37)), 'SIZE_EXCEEDED', '1 bytes follow the data'],
    ['bytes without end', new Uint8Array(100_000), 'SIZE_EXCEEDED', '100000 bytes are more than'],
    [
      'a header of 2^63 bytes',
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 0),
      'HEADER_INVALID',
      '9223372036854775808',
    ],
    ['no UTF-8', container('\u00ff', data).fill(0xff, 8, 9), 'HEADER_INVALID', 'not UTF-8'],
    ['no JSON', container('{"kernel"', data), 'HEADER_INVALID', 'not JSON'],
    ['an array', container([], data), 'HEADER_INVALID', 'not an object'],
    ['null', container('null', data), 'HEADER_INVALID', 'not an object'],
    [
      'nesting',
      container(`{"a":${'['.repeat(400)}${']'.repeat(400)}}`, data),
      'HEADER_INVALID',
      'deeper than 4',
    ],
    [
      'a name twice',
      container(JSON.stringify(whole).replace('"bias"', '"kernel"'), data),
      'HEADER_INVALID',
      '"kernel" is there twice',
    ],
    [
      'a name twice in two spellings',
      container(JSON.stringify(whole).replace('"bias"', String.raw`"\u006bernel"`), data),
      'HEADER_INVALID',
      '"kernel" is there twice',
    ],
    [
      'a field twice',
      container(JSON.stringify(whole).replace('"dtype"', '"shape"'), data),
      'HEADER_INVALID',
      '"shape"',
    ],
    ['no metadata', container({ kernel, bias }, data), 'FORMAT_UNKNOWN', '__metadata__'],
    [
      'metadata of numbers',
      container({ ...whole, __metadata__: { ...metadata, a: 1 } }, data),
      'HEADER_INVALID',
      '"a"',
    ],
    [
      'another format',
      container({ ...whole, __metadata__: { ...metadata, 'flobc.format': '2' } }, data),
      'FORMAT_UNKNOWN',
      '"2"',
    ],
    [
      'another codec',
      container({ ...whole, __metadata__: { ...metadata, 'flobc.codec': 'int8' } }, data),
      'CODEC_DIFFERS',
      '"int8"',
    ],
    ['a tensor too few', container({ __metadata__: metadata, kernel }, data), 'TENSOR_MISSING', '"bias"'],
    ['a tensor too many', container({ ...whole, extra: bias }, data), 'TENSOR_UNKNOWN', '"extra"'],
    [
      'a tensor named __proto__',
      container(JSON.stringify({ ...whole, x: bias }).replace('"x"', '"__proto__"'), data),
      'TENSOR_UNKNOWN',
      '"__proto__"',
    ],
    ['an entry that is null', container({ ...whole, bias: null }, data), 'HEADER_INVALID', '"bias"'],
    [
      'an entry with more fields',
      container({ ...whole, bias: { ...bias, more: 1 } }, data),
      'HEADER_INVALID',
      '"bias"',
    ],
    [
      'a negative size',
      container({ ...whole, bias: { ...bias, shape: [-3] } }, data),
      'HEADER_INVALID',
      '"bias"',
    ],
    [
      'a size that is no integer',
      container({ ...whole, bias: { ...bias, shape: [3.5] } }, data),
      'HEADER_INVALID',
      '"bias"',
    ],
    ['another type', container({ ...whole, bias: { ...bias, dtype: 'F64' } }, data), 'TYPE_DIFFERS', '"F64"'],
    [
      'another shape',
      container({ ...whole, kernel: { ...kernel, shape: [3, 2] } }, data),
      'SHAPE_DIFFERS',
      "3 x 2, the model's is 2 x 3",
    ],
    ['another rank', container({ ...whole, kernel: { ...kernel, shape: [6] } }, data), 'SHAPE_DIFFERS', '6'],
    [
      'data of another size',
      container({ ...whole, bias: { ...bias, data_offsets: [24, 32] } }, data),
      'OFFSETS_INVALID',
      '12 bytes',
    ],
    [
      'three offsets',
      container({ ...whole, bias: { ...bias, data_offsets: [24, 36, 40] } }, data),
      'OFFSETS_INVALID',
      '"bias"',
    ],
    [
      'an overlap',
      container({ ...whole, bias: { ...bias, data_offsets: [12, 24] } }, data),
      'OFFSETS_INVALID',
      'overlaps',
    ],
    [
      'a hole',
      container({ ...whole, bias: { ...bias, data_offsets: [28, 40] } }, data),
      'OFFSETS_INVALID',
      'hole',
    ],
    [
      'offsets far away',
      container({ ...whole, bias: { ...bias, data_offsets: [2 ** 52, 2 ** 52 + 12] } }, data),
      'OFFSETS_INVALID',
      'hole',
    ],
    [
      'a NaN',
      container(whole, data.slice().fill(0xff, 24, 28)),
      'NOT_FINITE',
      'tensor "bias" holds NaN at value 0',
    ],
  ];
  test.each(refusals)('%s', (_what, bytes, code, place) => {
    const outcome = answer('float32', bytes);
    expect(outcome).toMatchObject({ kind: 'refused', code });
    expect(outcome).toHaveProperty('reason', expect.stringContaining(place));
  });

  test('a scale that no encoder writes', () => {
    const bytes = encoded('int8', parameters);
    const at = bytes.length - 9 - 8;
    for (const scale of [NaN, -1, Infinity, 2 ** 122]) {
      new DataView(bytes.buffer).setFloat32(at, scale, true);
      expect(answer('int8', bytes)).toMatchObject({ code: 'VALUE_INVALID', facts: { tensor: 'kernel' } });
    }
  });

  test('an infinity among halves', () => {
    const bytes = encoded('float16', parameters);
    new DataView(bytes.buffer).setUint16(bytes.length - 2, 0x7c00, true);
    expect(answer('float16', bytes)).toMatchObject({ code: 'NOT_FINITE', facts: { tensor: 'bias', at: 2 } });
  });

  test('every end that a connection may cut', () => {
    for (const codec of codecNames) {
      const bytes = encoded(codec, parameters);
      for (let length = 0; length < bytes.length; length++) {
        expect(answer(codec, bytes.subarray(0, length))).toMatchObject({ code: 'TRUNCATED' });
      }
    }
  });

  test('more bytes than the layout bounds, before they are looked at', () => {
    const limit = maxSizeBytes('float32', layout) as number;
    expect(answer('float32', new Uint8Array(limit + 1))).toMatchObject({
      code: 'SIZE_EXCEEDED',
      facts: { limit },
    });
    expect(answer('float32', new Uint8Array(limit))).toMatchObject({
      code: 'SIZE_EXCEEDED',
      facts: { needed: 8 + 36 },
    });
  });
});

describe('never throws', () => {
  const codecs = fc.constantFrom(...codecNames);

  test('for random bytes', () => {
    fc.assert(
      fc.property(codecs, fc.uint8Array({ maxLength: 200 }), (codec, bytes) => {
        return answer(codec, bytes).kind === 'refused';
      }),
      { numRuns: 6000 },
    );
  });

  test('for random JSON as header', () => {
    fc.assert(
      fc.property(codecs, fc.json(), (codec, text) => {
        return answer(codec, container(text, data)).kind === 'refused';
      }),
      { numRuns: 1000 },
    );
  });

  test('for headers with something else in one place', () => {
    const paths: string[][] = [
      ['kernel'],
      ['bias'],
      ['__metadata__'],
      ...['dtype', 'shape', 'data_offsets'].map((field) => ['kernel', field]),
      ['bias', 'data_offsets', '1'],
      ['kernel', 'shape', '0'],
      ['__metadata__', 'flobc.format'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const header: Record<string, unknown> = structuredClone({ __metadata__: metadata, kernel, bias });
        const holder = path.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, header);
        holder[path.at(-1)!] = value;
        answer('float32', container(header, data));
      }),
      { numRuns: 3000 },
    );
  });

  // Ten thousand files, each a valid one with one to four bytes changed, cut out or put in.
  test('for valid files with a few bytes changed', () => {
    const random = generator('hostile bytes').split('mutation');
    const valid = codecNames.map((codec) => encoded(codec, parameters));
    for (let n = 0; n < 10_000; n++) {
      let bytes = [...valid[n % valid.length]!];
      for (let change = random.integer(4); change >= 0; change--) {
        const at = random.integer(bytes.length);
        const inserted = random.integer(2) ? [random.integer(256)] : [];
        bytes = [...bytes.slice(0, at), ...inserted, ...bytes.slice(at + random.integer(2))];
      }
      answer(codecNames[n % valid.length]!, Uint8Array.from(bytes));
    }
  });
});
