import type { Layout, TensorSlot } from '../parameters.ts';
import { quoted, refused } from '../refusal.ts';
import { bytesPer, type Codec, type CodecRefusal, type Part } from './codec.ts';

/** Where the data of a part lies, in bytes from the end of the header. */
export interface Placed {
  readonly part: Part;
  readonly begin: number;
  readonly end: number;
}

/** What a container for a layout looks like, known before any byte of it is. */
export interface Plan {
  readonly kind: 'plan';
  readonly tensors: readonly { readonly slot: TensorSlot; readonly parts: readonly Part[] }[];
  /** All parts in the order in which they are written: wide types first, so that every one starts aligned. */
  readonly placed: readonly Placed[];
  readonly dataBytes: number;
  /** Longest header accepted: room for metadata, and for writers who escape and space out more than this one does. */
  readonly headerBytesLimit: number;
}

/** The name under which safetensors keeps what is not a tensor. */
export const metadataName = '__metadata__';

export function planOf(codec: Codec, layout: Layout): Plan | CodecRefusal {
  const tensors = layout.map((slot) => ({ slot, parts: codec.parts(slot) }));
  const parts = tensors.flatMap((tensor) => tensor.parts).sort((a, b) => bytesPer[b.type] - bytesPer[a.type]);
  const problem = notContiguous(layout) ?? sameName(parts);
  if (problem) return problem;
  let end = 0;
  const placed = parts.map((part) => {
    const begin = end;
    end += sizeBytes(part);
    return { part, begin, end };
  });
  const headerBytes = new TextEncoder().encode(JSON.stringify(headerEntries(placed))).length;
  return { kind: 'plan', tensors, placed, dataBytes: end, headerBytesLimit: 4 * headerBytes + 1024 };
}

export const sizeBytes = ({ shape, type }: Part) => shape.reduce((a, b) => a * b, bytesPer[type]);

/** The header's entries as safetensors writes them. */
export function headerEntries(placed: readonly Placed[]): Record<string, unknown> {
  return Object.fromEntries(
    placed.map(({ part, begin, end }) => [
      part.name,
      { dtype: part.type, shape: part.shape, data_offsets: [begin, end] },
    ]),
  );
}

function notContiguous(layout: Layout): CodecRefusal | undefined {
  let offset = 0;
  for (const slot of layout) {
    const size = slot.shape.reduce((a, b) => a * b, 1);
    if (slot.offset !== offset || slot.size !== size) {
      return refused('LAYOUT_INVALID', `tensor ${quoted(slot.name)} is not where the layout before it ends`, {
        tensor: slot.name,
        offset: slot.offset,
        expected: offset,
        size: slot.size,
      });
    }
    offset += size;
  }
  return undefined;
}

function sameName(parts: readonly Part[]): CodecRefusal | undefined {
  const names = new Set<string>([metadataName]);
  for (const { name } of parts) {
    if (names.has(name)) {
      return refused('LAYOUT_INVALID', `the container would hold ${quoted(name)} twice`, { tensor: name });
    }
    names.add(name);
  }
  return undefined;
}
