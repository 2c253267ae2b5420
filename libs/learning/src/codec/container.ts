import { sharedFloats } from '#libs/data';
import { indexOfNotFinite } from '../finite.ts';
import { type Layout, layoutSize, type Parameters } from '../parameters.ts';
import { quoted, refused } from '../refusal.ts';
import { bytesPer, type Codec, type CodecRefusal } from './codec.ts';
import { type Metadata, metadataBlock, parseHeader } from './header.ts';
import { headerEntries, metadataName, type Plan, planOf } from './plan.ts';

/** Bytes before the header: its length, unsigned, little-endian. */
const prefixBytes = 8;

export interface Encoded {
  readonly kind: 'encoded';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Decoded {
  readonly kind: 'decoded';
  /** Fresh, in memory that threads share; all values finite. */
  readonly parameters: Parameters;
  /** As the sender wrote it; to be compared with the receipt. */
  readonly metadata: Metadata;
}

/** The most bytes that `write` makes and `read` accepts for a layout: a bound for whoever fetches them. */
export function maxSizeBytes(codec: Codec, layout: Layout): number | CodecRefusal {
  const plan = planOf(codec, layout);
  return plan.kind === 'refused' ? plan : sizeLimit(plan);
}

const sizeLimit = ({ headerBytesLimit, dataBytes }: Plan) => prefixBytes + headerBytesLimit + dataBytes;

/**
 * A safetensors file: 8 bytes of header length, the header as JSON, the data. The same parameters and metadata give the
 * same bytes. Refused: `LAYOUT_INVALID`, `NOT_FINITE`, and `SIZE_EXCEEDED` where the metadata is longer than about 1 kB.
 */
export function write(
  codec: Codec,
  { layout, values }: Parameters,
  metadata: Metadata,
): Encoded | CodecRefusal {
  const plan = planOf(codec, layout);
  if (plan.kind === 'refused') return plan;
  const problem = wrongLength(plan, values) ?? notFinite(plan, values);
  if (problem) return problem;

  const entries = { [metadataName]: metadataBlock(codec.name, metadata), ...headerEntries(plan.placed) };
  const text = new TextEncoder().encode(JSON.stringify(entries));
  // Spaces to a multiple of 8, which safetensors allows, so that data starts aligned in memory.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > plan.headerBytesLimit) {
    return refused(
      'SIZE_EXCEEDED',
      `the header takes ${headerBytes} bytes, at most ${plan.headerBytesLimit} are allowed`,
    );
  }

  const bytes = new Uint8Array(prefixBytes + headerBytes + plan.dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, prefixBytes, prefixBytes + headerBytes);
  bytes.set(text, prefixBytes);
  const data = bytes.subarray(prefixBytes + headerBytes);
  const places = new Map(plan.placed.map(({ part, begin, end }) => [part.name, data.subarray(begin, end)]));
  for (const { slot, parts } of plan.tensors) {
    const ofSlot = parts.map(({ name }) => places.get(name)!);
    codec.encode(values.subarray(slot.offset, slot.offset + slot.size), ofSlot);
  }
  return { kind: 'encoded', bytes };
}

/** The reverse of {@link write}, for bytes of a stranger: never throws, never reads or allocates beyond what the layout bounds. */
export function read(codec: Codec, bytes: Uint8Array, layout: Layout): Decoded | CodecRefusal {
  const plan = planOf(codec, layout);
  if (plan.kind === 'refused') return plan;
  const split = splitOff(bytes, plan);
  if (split.kind === 'refused') return split;
  const header = parseHeader(split.header, plan, codec.name);
  if (header.kind === 'refused') return header;

  const values = sharedFloats(layoutSize(layout));
  for (const { slot, parts } of plan.tensors) {
    const ofSlot = parts.map(({ name }) => {
      const { begin, end } = header.placed.get(name)!;
      return aligned(split.data.subarray(begin, end));
    });
    const bad = codec.decode(ofSlot, values.subarray(slot.offset, slot.offset + slot.size));
    if (bad) {
      return refused('VALUE_INVALID', `tensor ${quoted(slot.name)} holds ${bad.is} at value ${bad.at}`, {
        tensor: slot.name,
        at: bad.at,
      });
    }
  }
  return (
    notFinite(plan, values) ?? { kind: 'decoded', parameters: { layout, values }, metadata: header.metadata }
  );
}

/** Where header and data lie, once it is known that both are wholly there and as long as the plan allows. */
function splitOff(
  bytes: Uint8Array,
  plan: Plan,
): { kind: 'split'; header: Uint8Array; data: Uint8Array } | CodecRefusal {
  const sizeBytes = bytes.length;
  if (sizeBytes > sizeLimit(plan)) {
    return refused(
      'SIZE_EXCEEDED',
      `${sizeBytes} bytes are more than the ${sizeLimit(plan)} that the model can take`,
      {
        sizeBytes,
        limit: sizeLimit(plan),
      },
    );
  }
  if (sizeBytes < prefixBytes)
    return refused('TRUNCATED', `${sizeBytes} bytes are too few for a header`, { sizeBytes });
  const stated = new DataView(bytes.buffer, bytes.byteOffset, sizeBytes).getBigUint64(0, true);
  if (stated > BigInt(plan.headerBytesLimit)) {
    return refused(
      'HEADER_INVALID',
      `a header of ${stated} bytes is longer than the ${plan.headerBytesLimit} allowed`,
      {
        stated: String(stated),
        limit: plan.headerBytesLimit,
      },
    );
  }
  const dataStart = prefixBytes + Number(stated);
  const needed = dataStart + plan.dataBytes;
  if (sizeBytes < needed) {
    return refused('TRUNCATED', `${sizeBytes} bytes are fewer than the ${needed} that header and data take`, {
      sizeBytes,
      needed,
    });
  }
  if (sizeBytes > needed) {
    return refused('SIZE_EXCEEDED', `${sizeBytes - needed} bytes follow the data`, { sizeBytes, needed });
  }
  return { kind: 'split', header: bytes.subarray(prefixBytes, dataStart), data: bytes.subarray(dataStart) };
}

/** Themselves, unless they arrived or lie in their container where no float can be read: a copy starts aligned. */
const aligned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % bytesPer.F32 === 0 ? bytes : new Uint8Array(bytes);

function wrongLength({ tensors }: Plan, { length }: Float32Array): CodecRefusal | undefined {
  const expected = tensors.reduce((sum, { slot }) => sum + slot.size, 0);
  if (length === expected) return undefined;
  return refused('LAYOUT_INVALID', `there are ${length} values, the layout has ${expected}`, {
    length,
    expected,
  });
}

function notFinite({ tensors }: Plan, values: Float32Array): CodecRefusal | undefined {
  const at = indexOfNotFinite(values);
  if (at === -1) return undefined;
  const { slot } = tensors.find(({ slot: { offset, size } }) => at < offset + size)!;
  const index = at - slot.offset;
  return refused('NOT_FINITE', `tensor ${quoted(slot.name)} holds ${values[at]} at value ${index}`, {
    tensor: slot.name,
    at: index,
    value: String(values[at]),
  });
}
