import type { Layout, Parameters } from '../parameters.ts';
import type { CodecRefusal } from './codec.ts';
import * as container from './container.ts';
import type { Decoded, Encoded } from './container.ts';
import { float16 } from './float16.ts';
import { float32 } from './float32.ts';
import type { Metadata } from './header.ts';
import { int8 } from './int8.ts';

/** Every codec there is. A new one is a file and a line here. */
const codecs = { float32, float16, int8 };

export type CodecName = keyof typeof codecs;

export const codecNames = Object.keys(codecs) as readonly CodecName[];

/**
 * The bytes of parameters, or of an update: a safetensors file, see `write` in `container.ts`. Deterministic.
 * Lossy for `float16` and `int8`; their files state the bounds.
 */
export function encode(
  codec: CodecName,
  parameters: Parameters,
  metadata: Metadata = {},
): Encoded | CodecRefusal {
  return container.write(codecs[codec], parameters, metadata);
}

/** True if what `decode` gives is what `encode` was given, to the bit. */
export const isExact = (codec: CodecName): boolean => codecs[codec].isExact;

/** What bytes of a stranger stand for, under the codec and the layout that the run prescribes; never throws. */
export function decode(codec: CodecName, bytes: Uint8Array, layout: Layout): Decoded | CodecRefusal {
  return container.read(codecs[codec], bytes, layout);
}

/** The most bytes that an honest encoder makes for a layout, whatever the values; more are refused unread. */
export function maxSizeBytes(codec: CodecName, layout: Layout): number | CodecRefusal {
  return container.maxSizeBytes(codecs[codec], layout);
}
