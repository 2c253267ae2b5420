import { type Refusal, refused } from './refusal.ts';

/** Longest message; larger things are blobs, and a message carries their digest. */
export const maxSizeBytes = 65_536;

/** Envelope, body, list, entry. */
export const maxDepth = 4;

/** One MessagePack value: the bytes that say what follows, the bytes of its data, and, of an array, its length. */
interface Form {
  readonly head: number;
  readonly data: number;
  readonly elements: number;
}

/**
 * Walks over MessagePack without decoding it: nothing is allocated for what the bytes only promise. Passes exactly one
 * value of unsigned integers, strings, byte strings and arrays, all of it there, at most {@link maxDepth} arrays deep; so
 * a decoder that is handed it afterwards allocates in proportion to its length, and cannot fail.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function scan(bytes: Uint8Array): Refusal | undefined {
  if (bytes.length > maxSizeBytes) {
    return refused('SIZE_EXCEEDED', `${bytes.length} bytes are more than a message may have`, {
      bytes: bytes.length,
      limit: maxSizeBytes,
    });
  }
  /** Values still to come, in each open array; the outermost is the message itself. */
  const open = [1];
  let at = 0;
  while (open.length > 0) {
    const innermost = open.length - 1;
    if (open[innermost] === 0) {
      open.pop();
      continue;
    }
    open[innermost]!--;
    const form = formAt(bytes, at);
    if ('kind' in form) return form;
    at += form.head + form.data;
    // Every value takes a byte at least, so a length beyond what is left is a lie: told before it is believed.
    if (at + form.elements > bytes.length) return truncated(bytes, at);
    if (form.elements > 0 && open.push(form.elements) > maxDepth + 1) {
      return refused('NESTED_TOO_DEEP', `lists are nested deeper than ${maxDepth} levels at byte ${at}`, {
        at,
        limit: maxDepth,
      });
    }
  }
  if (at === bytes.length) return undefined;
  return refused('TRAILING_BYTES', `${bytes.length - at} bytes follow the message`, {
    at,
    bytes: bytes.length,
  });
}

function formAt(bytes: Uint8Array, at: number): Form | Refusal {
  const tag = bytes[at];
  if (tag === undefined) return truncated(bytes, at);
  if (tag <= 0x7f) return { head: 1, data: 0, elements: 0 };
  if (tag >= 0x90 && tag <= 0x9f) return { head: 1, data: 0, elements: tag & 0x0f };
  if (tag >= 0xa0 && tag <= 0xbf) return { head: 1, data: tag & 0x1f, elements: 0 };
  switch (tag) {
    case 0xcc: // uint 8, 16, 32, 64
    case 0xcd:
    case 0xce:
    case 0xcf:
      return { head: 1, data: 2 ** (tag - 0xcc), elements: 0 };
    case 0xc4: // bin 8, 16, 32
    case 0xc5:
    case 0xc6:
      return sized(bytes, at, 2 ** (tag - 0xc4));
    case 0xd9: // str 8, 16, 32
    case 0xda:
    case 0xdb:
      return sized(bytes, at, 2 ** (tag - 0xd9));
    case 0xdc: // array 16, 32
    case 0xdd: {
      const form = sized(bytes, at, 2 ** (tag - 0xdb));
      return 'kind' in form ? form : { head: form.head, data: 0, elements: form.data };
    }
    default:
      return refused('FORM_REFUSED', `no message has a value of form 0x${tag.toString(16)}, at byte ${at}`, {
        at,
        form: tag,
      });
  }
}

/** A form whose length is an unsigned big-endian integer of 1, 2 or 4 bytes behind the tag. */
function sized(bytes: Uint8Array, at: number, width: number): Form | Refusal {
  if (at + 1 + width > bytes.length) return truncated(bytes, at);
  let length = 0;
  for (let i = at + 1; i <= at + width; i++) length = length * 256 + bytes[i]!;
  return { head: 1 + width, data: length, elements: 0 };
}

const truncated = (bytes: Uint8Array, at: number): Refusal =>
  refused('TRUNCATED', `the message ends within the value at byte ${Math.min(at, bytes.length)}`, {
    at: Math.min(at, bytes.length),
    bytes: bytes.length,
  });
