import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseIdx, readIdx } from './idx.ts';

/** An IDX file of unsigned bytes, as its definition has it. */
function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((length, i) => header.writeUInt32BE(length, 4 + 4 * i));
  return Buffer.concat([header, values]);
}

const small = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain((shape) => {
    const length = shape[0] * shape[1] * shape[2];
    return fc.record({
      shape: fc.constant(shape),
      values: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });

describe('parseIdx', () => {
  test('gives back what was written', () => {
    fc.assert(
      fc.property(small, ({ shape, values }) => {
        const array = parseIdx(idx(shape, values), 'x', 3);
        expect(array.shape).toEqual(shape);
        expect([...array.data]).toEqual([...values]);
      }),
    );
  });

  test('refuses every truncation and every byte too many, and says where the file ends', () => {
    fc.assert(
      fc.property(small, fc.uint8Array({ minLength: 1, maxLength: 3 }), ({ shape, values }, more) => {
        const whole = idx(shape, values);
        for (let length = 0; length < whole.length; length++)
          expect(() => parseIdx(whole.subarray(0, length), 'x', 3)).toThrow(
            expect.objectContaining({ code: 'DATA_DAMAGED', facts: { file: 'x', byte: length } }),
          );
        expect(() => parseIdx(Buffer.concat([whole, more]), 'x', 3)).toThrow(
          expect.objectContaining({ facts: { file: 'x', byte: whole.length } }),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('refuses every change of a header byte', () => {
    fc.assert(
      fc.property(small, fc.nat(15), fc.integer({ min: 1, max: 255 }), ({ shape, values }, at, change) => {
        const bytes = idx(shape, values);
        bytes[at]! ^= change;
        // Lengths may be changed into others with the same product, which no reader can tell; a single byte of a
        // single length cannot keep the product.
        expect(() => parseIdx(bytes, 'x', 3)).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }));
      }),
    );
  });

  test('labels handed in as images are told apart by the magic number', () => {
    expect(() => parseIdx(idx([3], Uint8Array.of(1, 2, 3)), 'labels', 3)).toThrow(
      'labels, byte 3: the array has 1 dimensions where 3 are expected.',
    );
  });
});

describe('readIdx', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flobc-idx-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('unpacks gzip, and refuses every truncation of the packed file', async () => {
    const packed = gzipSync(idx([5], Uint8Array.of(5, 0, 4, 1, 9)));
    const path = join(folder, 'labels.gz');
    await writeFile(path, packed);
    expect([...(await readIdx(path, 1, '')).data]).toEqual([5, 0, 4, 1, 9]);
    for (let length = 0; length < packed.length; length++) {
      await writeFile(path, packed.subarray(0, length));
      await expect(readIdx(path, 1, '')).rejects.toMatchObject({
        code: 'DATA_DAMAGED',
        facts: { file: path },
      });
    }
  });

  test('a folder in the place of a file is a fault as well', async () => {
    await expect(readIdx(folder, 1, 'Buy it.')).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: `${folder} cannot be read (EISDIR).`,
    });
  });

  test('a missing file is a fault that says how to get it', async () => {
    const path = join(folder, 'nowhere');
    await expect(readIdx(path, 1, 'Buy it.')).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: `There is no file ${path}.`,
      hint: 'Buy it.',
    });
  });
});
