import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNpy } from './npy.ts';
import { loadDataset } from './registry.ts';

/** Written by NumPy 2.4.6 itself: numpy.lib.format.write_array(file, array, version). */
const byNumpy = {
  f4: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAgD4AAEBA',
  f8v2: 'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAAADAAAAAAAAA0D8AAAAAAAAIQA==',
  i8: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoDAAAAAAAAAAAAAAAAAAAAAgEAAAAAAAA=',
  u1: 'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMsIDEpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAU=',
  big: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/gAAAQAAAAA==',
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AACAPwAAgD8AAIA/AACAPwAAgD8=',
};
const bytesOf = (name: keyof typeof byNumpy) => Buffer.from(byNumpy[name], 'base64');
const valuesOf = (bytes: Uint8Array) => {
  const { shape, value } = parseNpy(bytes, 'x');
  return Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
};

/** A file as NEP 1 has it; `version` 1 counts its header in two bytes, 2 in four. */
function npy(type: string, shape: readonly number[], values: Uint8Array, version = 1): Buffer {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = Buffer.from(`{'descr': '${type}', 'fortran_order': False, 'shape': (${lengths}), }\n`);
  const head = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    version,
    0,
    ...new Array<number>(version === 1 ? 2 : 4).fill(0),
  ]);
  head.writeUInt16LE(text.length, 8);
  return Buffer.concat([head, text, values]);
}

const raw = (array: Float32Array | Float64Array | BigInt64Array | Uint8Array) => new Uint8Array(array.buffer);

describe('parseNpy', () => {
  test("reads NumPy's own files", () => {
    expect(valuesOf(bytesOf('f4'))).toEqual([1.5, -2, 0.25, 3]);
    expect(valuesOf(bytesOf('f8v2'))).toEqual([1.5, -2, 0.25, 3]);
    expect(valuesOf(bytesOf('i8'))).toEqual([3, 0, 258]);
    expect(valuesOf(bytesOf('u1'))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(parseNpy(bytesOf('u1'), 'x').shape).toEqual([2, 3, 1]);
    expect(valuesOf(bytesOf('big'))).toEqual([1, 2]);
  });

  test('gives back what was written, in every version of the format', () => {
    fc.assert(
      fc.property(
        fc.float64Array({ maxLength: 12, noNaN: true }),
        fc.constantFrom(1, 2, 3),
        (values, version) => {
          expect(valuesOf(npy('<f8', [values.length], raw(Float64Array.from(values)), version))).toEqual([
            ...values,
          ]);
        },
      ),
    );
  });

  test('reads whole numbers and floats of every width and byte order', () => {
    type Write = (view: DataView, value: number, little: boolean) => void;
    const { MIN_SAFE_INTEGER: least, MAX_SAFE_INTEGER: most } = Number;
    const types: readonly (readonly [name: string, width: number, min: number, max: number, write: Write])[] =
      [
        [
          'b1',
          1,
          0,
          1,
          (view, value) => {
            view.setUint8(0, value);
          },
        ],
        [
          'u1',
          1,
          0,
          255,
          (view, value) => {
            view.setUint8(0, value);
          },
        ],
        [
          'i1',
          1,
          -128,
          127,
          (view, value) => {
            view.setInt8(0, value);
          },
        ],
        [
          'u2',
          2,
          0,
          65_535,
          (view, value, little) => {
            view.setUint16(0, value, little);
          },
        ],
        [
          'i2',
          2,
          -32_768,
          32_767,
          (view, value, little) => {
            view.setInt16(0, value, little);
          },
        ],
        [
          'u4',
          4,
          0,
          2 ** 32 - 1,
          (view, value, little) => {
            view.setUint32(0, value, little);
          },
        ],
        [
          'i4',
          4,
          -(2 ** 31),
          2 ** 31 - 1,
          (view, value, little) => {
            view.setInt32(0, value, little);
          },
        ],
        [
          'u8',
          8,
          0,
          most,
          (view, value, little) => {
            view.setBigUint64(0, BigInt(value), little);
          },
        ],
        [
          'i8',
          8,
          least,
          most,
          (view, value, little) => {
            view.setBigInt64(0, BigInt(value), little);
          },
        ],
        [
          'f4',
          4,
          -(2 ** 24),
          2 ** 24,
          (view, value, little) => {
            view.setFloat32(0, value, little);
          },
        ],
        [
          'f8',
          8,
          least,
          most,
          (view, value, little) => {
            view.setFloat64(0, value, little);
          },
        ],
      ];
    const written = fc.constantFrom(...types).chain(([name, width, min, max, write]) =>
      fc.record({
        name: fc.constant(name),
        width: fc.constant(width),
        write: fc.constant(write),
        value: fc.integer({ min, max }),
        little: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(written, ({ name, width, write, value, little }) => {
        const bytes = new Uint8Array(width);
        write(new DataView(bytes.buffer), value, little);
        const order = little ? '<' : '>';
        expect(valuesOf(npy(`${width === 1 ? '|' : order}${name}`, [1], bytes))).toEqual([value]);
      }),
      { numRuns: 300 },
    );
  });

  test('refuses every truncation of files of both header lengths', () => {
    for (const name of ['f4', 'f8v2', 'i8', 'u1'] as const) {
      const bytes = bytesOf(name);
      for (let length = 0; length < bytes.length; length++)
        expect(() => parseNpy(bytes.subarray(0, length), 'x')).toThrow(
          expect.objectContaining({ code: 'DATA_DAMAGED' }),
        );
      expect(() => parseNpy(Buffer.concat([bytes, Buffer.of(0)]), 'x')).toThrow(
        expect.objectContaining({ facts: { file: 'x', byte: bytes.length } }),
      );
    }
  });

  test('a damaged header is refused or, where the damage has no meaning, changes nothing', () => {
    fc.assert(
      fc.property(fc.nat(127), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = bytesOf('f4');
        bytes[at]! ^= change;
        let values: number[];
        try {
          values = valuesOf(bytes);
        } catch (fault) {
          expect(fault).toMatchObject({ code: 'DATA_DAMAGED', facts: { file: 'x' } });
          return;
        }
        // A float may have become an integer and one shape another of the same size: still four whole values.
        expect(values).toHaveLength(4);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['fortran', bytesOf('fortran'), 'Fortran order', 'ascontiguousarray'],
    ['complex numbers', npy('<c8', [1], new Uint8Array(8)), 'type c8 cannot be used', 'f4'],
    ['objects', npy('|O', [1], new Uint8Array(8)), 'not one of a plain array', ''],
    ['version 4', npy('<f4', [1], new Uint8Array(4), 4), 'version 4', ''],
  ])('refuses %s', (_what, bytes, problem, hint) => {
    expect(() => parseNpy(bytes, 'x')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(problem) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    );
  });
});

describe('loadDataset of arrays', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flobc-npy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  let written = 0;
  const write = async (bytes: Uint8Array) => {
    const path = join(folder, `${written++}.npy`);
    await writeFile(path, bytes);
    return path;
  };
  const int64 = (...values: number[]) =>
    npy('<i8', [values.length], raw(BigInt64Array.from(values.map(BigInt))));
  const float32 = (shape: readonly number[], ...values: number[]) =>
    npy('<f4', shape, raw(Float32Array.from(values)));

  test('bytes stay bytes, labels become as small as they can, a shape may be given', async () => {
    const features = await write(npy('|u1', [2, 4], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255)));
    const labels = await write(int64(0, 300));
    const { train } = await loadDataset({ kind: 'npy', features, labels, shape: [2, 2, 1] });
    expect(train).toMatchObject({
      size: 2,
      shape: [2, 2, 1],
      classes: 301,
      features: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255),
    });
    expect(train.labels).toEqual(Uint16Array.of(0, 300));
    await expect(loadDataset({ kind: 'npy', features, labels, shape: [3] })).rejects.toThrow(
      'which does not fill [3]',
    );
  });

  test('float labels are targets of a regression; so are whole numbers with 0 classes', async () => {
    const features = await write(float32([2, 1], 0.5, 1));
    const floats = await loadDataset({
      kind: 'npy',
      features,
      labels: await write(float32([2, 1], -1.5, 7)),
    });
    expect(floats.train).toMatchObject({ classes: 0, labels: Float32Array.of(-1.5, 7) });
    const whole = await loadDataset({ kind: 'npy', features, labels: await write(int64(-3, 7)), classes: 0 });
    expect(whole.train).toMatchObject({ classes: 0, labels: Float32Array.of(-3, 7) });
  });

  test('NaN, infinity, a double too large, labels out of range: faults with row and position', async () => {
    const labels = await write(int64(0, 1));
    const place = (row: number, column: number) => ({ code: 'DATA_DAMAGED', facts: { row, column } });
    for (const value of [NaN, Infinity, -Infinity]) {
      const features = await write(float32([2, 2], 1, 2, 3, value));
      await expect(loadDataset({ kind: 'npy', features, labels })).rejects.toMatchObject(place(1, 1));
    }
    const large = await write(npy('<f8', [2, 1], raw(Float64Array.of(1e39, 0))));
    await expect(loadDataset({ kind: 'npy', features: large, labels })).rejects.toMatchObject(place(0, 0));
    const features = await write(float32([2, 1], 1, 2));
    const targets = await write(float32([2], 1, NaN));
    await expect(loadDataset({ kind: 'npy', features, labels: targets })).rejects.toThrow(
      'row 1: the target NaN is not a finite float32.',
    );
    await expect(loadDataset({ kind: 'npy', features, labels: targets, classes: 2 })).rejects.toThrow(
      'labels of a classification are whole numbers, and these are floats',
    );
    await expect(
      loadDataset({ kind: 'npy', features, labels: await write(int64(0, 65_536)) }),
    ).rejects.toMatchObject({
      code: 'DATA_UNSUITABLE',
      facts: { classes: 65_537 },
    });
    await expect(loadDataset({ kind: 'npy', features, labels: await write(int64(0, -1)) })).rejects.toThrow(
      'row 1: the label -1 is not within 0 to 0.',
    );
    await expect(loadDataset({ kind: 'npy', features, labels, classes: 1 })).rejects.toThrow(
      'row 1: the label 1 is not within 0 to 0.',
    );
    await expect(loadDataset({ kind: 'npy', features, labels: await write(int64(0)) })).rejects.toThrow(
      'labels have the shape [1] for 2 examples',
    );
  });

  test('the test split has the shape and the classes of the training split', async () => {
    const features = await write(float32([2, 1], 1, 2));
    const labels = await write(int64(0, 1));
    const load = (test: { features: string; labels: string }) =>
      loadDataset({ kind: 'npy', features, labels, test });
    expect((await load({ features, labels: await write(int64(0, 0)) })).test?.classes).toBe(2);
    await expect(load({ features, labels: await write(int64(0, 2)) })).rejects.toThrow(
      'the label 2 is not within 0 to 1',
    );
    await expect(
      load({ features: await write(float32([1, 2], 1, 2)), labels: await write(int64(0)) }),
    ).rejects.toMatchObject({ code: 'DATA_UNSUITABLE' });
  });
});
