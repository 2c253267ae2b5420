import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf } from '../setting.ts';

/**
 * Seals bytes that are no update. Its receipt is right about them, so that only whoever decodes them finds out; `encode`
 * of the learning library writes nothing of the kind, which is why the bytes are changed afterwards.
 */
export function badBytes({ with: what }: TrainerBehaviourOf<'badBytes'>): TrainerConduct {
  return { bytes: { nan: withNaN, shape: withOtherShape, truncated: cut }[what] };
}

// The bytes are a safetensors file: 8 bytes of header length, the header as JSON, the data.

const prefixBytes = 8;

function headerBytes(file: Uint8Array): number {
  return Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
}

/** The first value of the data, whether it has two bytes or four, with all bits set: in every float format a NaN. */
function withNaN(file: Uint8Array): Uint8Array {
  const changed = new Uint8Array(file);
  const data = prefixBytes + headerBytes(file);
  changed.fill(0xff, data, data + 4);
  return changed;
}

/** The first tensor of the header with a dimension of 1 more: as much data, in another shape. */
function withOtherShape(file: Uint8Array): Uint8Array {
  const end = prefixBytes + headerBytes(file);
  const header = JSON.parse(Buffer.from(file.subarray(prefixBytes, end)).toString()) as Header;
  const first = Object.entries(header).find(([, { shape }]) => shape !== undefined);
  first?.[1].shape?.push(1);
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(prefixBytes);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, file.subarray(end)]);
}

type Header = Record<string, { readonly shape?: number[] }>;

/** Half of the file. */
function cut(file: Uint8Array): Uint8Array {
  return file.subarray(0, file.length >> 1);
}
