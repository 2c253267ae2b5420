import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { damaged, readData } from './file.ts';

/** An array of unsigned bytes in row-major order. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedByte = 0x08;

/**
 * Parses an IDX file of unsigned bytes (LeCun, Cortes, Burges: two zero bytes, the type, the rank, big-endian
 * lengths, the values).
 *
 * @param rank what the array should be: 1 for labels, 3 for images
 * @throws Fault `DATA_DAMAGED` with the byte offset
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: number): IdxArray {
  const header = 4 + 4 * rank;
  if (bytes.length < 4) throw damaged(file, { byte: bytes.length }, 'the file ends within the magic number');
  if (bytes[0] !== 0 || bytes[1] !== 0)
    throw damaged(file, { byte: 0 }, 'this is not an IDX file, which begins with two zero bytes');
  if (bytes[2] !== unsignedByte)
    throw damaged(file, { byte: 2 }, `the values are of type ${bytes[2]}, not unsigned bytes (8)`);
  if (bytes[3] !== rank)
    throw damaged(file, { byte: 3 }, `the array has ${bytes[3]} dimensions where ${rank} are expected`);
  if (bytes.length < header) throw damaged(file, { byte: bytes.length }, 'the file ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = header + shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== expected)
    throw damaged(
      file,
      { byte: Math.min(bytes.length, expected) },
      `the header promises ${shape.join(' x ')} values, ${expected} bytes in all, and the file has ${bytes.length}`,
    );
  return { shape, data: bytes.subarray(header) };
}

/** Reads an IDX file, unpacked where its name ends in `.gz`; byte offsets in faults are those of the unpacked file. */
export async function readIdx(path: string, rank: number, obtain: string): Promise<IdxArray> {
  const bytes = await readData(path, obtain);
  return parseIdx(path.endsWith('.gz') ? await unpack(bytes, path) : bytes, path, rank);
}

async function unpack(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damaged(path, { byte: bytes.length }, `the gzip stream cannot be unpacked (${reason})`, { cause });
  }
}
