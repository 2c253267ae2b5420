import { basename } from 'node:path';
import { Fault } from '#libs/fault';
import { type Dataset, exampleLength, type Scale, sharedBytes, sharedFloats } from './dataset.ts';
import { damaged, readData } from './file.ts';
import { labelArray } from './labels.ts';

/** Arrays of NumPy: features [n, ...] and labels [n]. */
export interface NpySource {
  readonly kind: 'npy';
  /** Path of the features. Unsigned bytes stay bytes, everything else becomes float32. */
  readonly features: string;
  /** Path of the labels: whole numbers are classes, floats are targets of a regression. */
  readonly labels: string;
  readonly test?: { readonly features: string; readonly labels: string };
  /** Number of classes; absent: the largest label and 1. Give it where a Trainer may not have them all; 0: regression. */
  readonly classes?: number;
  /** Shape of one example, where the file's is not the model's, such as [28, 28, 1] for [n, 784]. */
  readonly shape?: readonly number[];
  /** How bytes become features; absent: v / 255. */
  readonly scale?: Scale;
}

/** A parsed array: row-major values, read one by one. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly type: NpyType;
  /** The value at a flat index, as a double; 64-bit integers beyond 2^53 are rounded. */
  readonly value: (index: number) => number;
  /** The bytes of the values. */
  readonly data: Uint8Array;
}

type NpyType = keyof typeof types;
type Read = (view: DataView, at: number, littleEndian: boolean) => number;

const types = {
  b1: [1, (view, at) => view.getUint8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
} as const satisfies Record<string, readonly [number, Read]>;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const header =
  /^\{'descr': '([<>|])([a-z]\d+)', 'fortran_order': (True|False), 'shape': \((\d*(?:, ?\d+)*),?\),? *\} *\n?$/;

/**
 * Parses a `.npy` file of version 1, 2 or 3 (NumPy Enhancement Proposal 1) with C order and a plain number type.
 *
 * @throws Fault `DATA_DAMAGED` with the byte offset
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wrong = magic.findIndex((byte, i) => bytes[i] !== byte);
  if (wrong >= 0)
    throw damaged(file, { byte: wrong }, 'this is not a .npy file, which begins with \\x93NUMPY');
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3)
    throw damaged(file, { byte: 6 }, `version ${version} of the format is not known`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw damaged(file, { byte: bytes.length }, 'the file ends within its header');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (bytes.length < start + length)
    throw damaged(file, { byte: bytes.length }, 'the file ends within its header');
  const text = Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  const [, order, type, fortran, lengths] = header.exec(text) ?? [];
  if (type === undefined)
    throw damaged(
      file,
      { byte: start },
      `the header ${JSON.stringify(text.trim())} is not one of a plain array`,
    );
  if (!isKnown(type))
    throw damaged(file, { byte: start }, `values of type ${type} cannot be used`, {
      hint: `Save one of ${Object.keys(types).join(', ')}.`,
    });
  const shape = lengths!
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (fortran === 'True' && shape.length > 1)
    throw damaged(file, { byte: start }, 'the array is in Fortran order', {
      hint: 'Save numpy.ascontiguousarray(array).',
    });
  const [width, read] = types[type] as readonly [number, Read];
  const expected = start + length + width * exampleLength(shape);
  if (bytes.length !== expected)
    throw damaged(
      file,
      { byte: Math.min(bytes.length, expected) },
      `the header promises ${shape.join(' x ')} values of ${width} bytes, ${expected} bytes in all, and the file has ${bytes.length}`,
    );
  const value = (index: number) => read(view, start + length + width * index, order !== '>');
  return { shape, type, value, data: bytes.subarray(start + length) };
}

function isKnown(type: string): type is NpyType {
  return Object.hasOwn(types, type);
}

/** Features and labels as arrays. @throws Fault `DATA_MISSING`, `DATA_DAMAGED` with row and position, `DATA_UNSUITABLE` */
export async function loadNpy(
  source: NpySource,
  obtain: string,
): Promise<{ train: Dataset; test?: Dataset; files: string[] }> {
  const files = [source.features, source.labels];
  const train = await readSplit(source, source, 'train', source.classes, obtain);
  if (!source.test) return { train, files };
  const test = await readSplit(source, source.test, 'test', train.classes, obtain);
  if (test.shape.join() !== train.shape.join())
    throw new Fault(
      'DATA_UNSUITABLE',
      `${source.test.features} has examples of shape [${test.shape.join(', ')}], ${source.features} of [${train.shape.join(', ')}].`,
      {
        facts: { train: train.shape, test: test.shape },
        hint: 'Both splits need the same shape.',
      },
    );
  return { train, test, files: [...files, source.test.features, source.test.labels] };
}

async function readSplit(
  { shape, scale = { mean: 0, deviation: 1 } }: NpySource,
  paths: { readonly features: string; readonly labels: string },
  split: string,
  classes: number | undefined,
  obtain: string,
): Promise<Dataset> {
  const features = parseNpy(await readData(paths.features, obtain), paths.features);
  const labels = parseNpy(await readData(paths.labels, obtain), paths.labels);
  const size = features.shape[0] ?? 0;
  if (size === 0) throw damaged(paths.features, { row: 0 }, 'the array holds no examples');
  const found = features.shape.slice(1);
  const own = shape ?? (found.length === 0 ? [1] : found);
  if (exampleLength(own) !== exampleLength(found))
    throw damaged(
      paths.features,
      { row: 0 },
      `examples have the shape [${found.join(', ')}], which does not fill [${own.join(', ')}]`,
    );
  if (labels.shape[0] !== size || exampleLength(labels.shape) !== size)
    throw damaged(
      paths.labels,
      { row: 0 },
      `labels have the shape [${labels.shape.join(', ')}] for ${size} examples`,
    );
  return {
    name: `${basename(paths.features)}/${split}`,
    size,
    shape: own,
    ...readLabels(labels, paths.labels, size, classes),
    features: readFeatures(features, paths.features, exampleLength(own)),
    scale,
  };
}

function readFeatures(array: NpyArray, file: string, width: number): Uint8Array | Float32Array {
  if (array.type === 'u1') {
    const bytes = sharedBytes(array.data.length);
    bytes.set(array.data);
    return bytes;
  }
  const floats = sharedFloats(exampleLength(array.shape));
  for (let i = 0; i < floats.length; i++) {
    floats[i] = array.value(i);
    // After the narrowing, so that a double beyond float32 is caught as well.
    if (!Number.isFinite(floats[i]))
      throw damaged(
        file,
        { row: Math.floor(i / width), column: i % width },
        `the value ${array.value(i)} is not a finite float32`,
      );
  }
  return floats;
}

function readLabels(
  array: NpyArray,
  file: string,
  size: number,
  classes: number | undefined,
): Pick<Dataset, 'labels' | 'classes'> {
  const floats = array.type.startsWith('f');
  if (floats && classes !== undefined && classes > 0)
    throw damaged(file, { byte: 0 }, 'labels of a classification are whole numbers, and these are floats', {
      hint: 'Save labels.astype("int64"), or leave `classes` out for a regression.',
    });
  const values = Array.from({ length: size }, (_, i) => array.value(i));
  if (classes === 0 || floats) {
    const targets = sharedFloats(size);
    targets.set(values);
    const wrong = targets.findIndex((target) => !Number.isFinite(target));
    if (wrong >= 0)
      throw damaged(file, { row: wrong }, `the target ${values[wrong]} is not a finite float32`);
    return { labels: targets, classes: 0 };
  }
  const count = classes ?? values.reduce((most, label) => Math.max(most, label), 0) + 1;
  const wrong = values.findIndex((label) => label < 0 || label >= count);
  if (wrong >= 0)
    throw damaged(file, { row: wrong }, `the label ${values[wrong]} is not within 0 to ${count - 1}`);
  return { labels: labelArray(values, count, file), classes: count };
}
