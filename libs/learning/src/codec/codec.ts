import type { TensorSlot } from '../parameters.ts';
import type { Refusal } from '../refusal.ts';

/** Data types of safetensors that the codecs use, with their sizes. All are little-endian. */
export const bytesPer = { F32: 4, F16: 2, I8: 1 } as const;

export type DataType = keyof typeof bytesPer;

/** A tensor as the container holds it. */
export interface Part {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

/** Stands for the first value of a tensor that cannot be decoded. */
export interface BadValue {
  readonly at: number;
  readonly is: string;
}

/**
 * How the values of one tensor become bytes: a file each. Lossy codecs state their bound. Implementations only see
 * parts whose size is right, at offsets in their buffers that their values can be read and written at.
 */
export interface Codec {
  readonly name: string;
  /** What is decoded is what was encoded, to the bit. */
  readonly isExact: boolean;
  /** What the container holds for a tensor of the model; sizes follow from the layout alone. */
  parts(slot: TensorSlot): readonly Part[];
  /** Writes the finite `values` into the parts. */
  encode(values: Float32Array, parts: readonly Uint8Array[]): void;
  /** Fills `values`, or says which value no honest encoder writes. */
  decode(parts: readonly Uint8Array[], values: Float32Array): BadValue | undefined;
}

/**
 * - `LAYOUT_INVALID`: the layout is not contiguous, or two tensors of the container would have one name.
 * - `NOT_FINITE`: a NaN or an infinity among the values.
 * - `SIZE_EXCEEDED`, `TRUNCATED`: more bytes than the layout allows, fewer than the header needs.
 * - `HEADER_INVALID`: no UTF-8, no JSON, too deep, a name twice, or an entry that is not a tensor's.
 * - `FORMAT_UNKNOWN`, `CODEC_DIFFERS`: another format version, another codec than the run's.
 * - `TENSOR_MISSING`, `TENSOR_UNKNOWN`, `TYPE_DIFFERS`, `SHAPE_DIFFERS`: not the tensors of this model.
 * - `OFFSETS_INVALID`: data that overlaps, leaves a hole, or ends elsewhere than the bytes do.
 * - `VALUE_INVALID`: a scale or value that no encoder writes.
 */
export type CodecCode =
  | 'LAYOUT_INVALID'
  | 'NOT_FINITE'
  | 'SIZE_EXCEEDED'
  | 'TRUNCATED'
  | 'HEADER_INVALID'
  | 'FORMAT_UNKNOWN'
  | 'CODEC_DIFFERS'
  | 'TENSOR_MISSING'
  | 'TENSOR_UNKNOWN'
  | 'TYPE_DIFFERS'
  | 'SHAPE_DIFFERS'
  | 'OFFSETS_INVALID'
  | 'VALUE_INVALID';

export type CodecRefusal = Refusal<CodecCode>;
