import { quoted, refused } from '../refusal.ts';
import type { CodecRefusal, Part } from './codec.ts';
import { metadataName, type Placed, type Plan, sizeBytes } from './plan.ts';
import { parseStrictJson } from './strict-json.ts';

/** What the container says of itself beside its tensors. */
export interface Metadata {
  /** Digest of the run's configuration. */
  readonly run?: string;
  /** Digest of the model that the values are based on. */
  readonly base?: string;
  /** Examples that an update was trained on, as its Trainer says. */
  readonly samples?: number;
}

/** Version of the container's conventions, on top of safetensors. */
const format = '1';

interface Header {
  readonly kind: 'header';
  readonly metadata: Metadata;
  /** By name, all and only the parts of the plan. */
  readonly placed: ReadonlyMap<string, Placed>;
}

export function metadataBlock(codec: string, { run, base, samples }: Metadata): Record<string, string> {
  return {
    'flobc.format': format,
    'flobc.codec': codec,
    ...(run === undefined ? {} : { 'flobc.run': run }),
    ...(base === undefined ? {} : { 'flobc.base': base }),
    ...(samples === undefined ? {} : { 'flobc.samples': String(samples) }),
  };
}

/** Reads a header that may be hostile: whatever it holds, the answer is a header that fits the plan, or a refusal. */
export function parseHeader(bytes: Uint8Array, plan: Plan, codec: string): Header | CodecRefusal {
  const object = parseObject(bytes);
  if (object.kind === 'refused') return object;
  const { [metadataName]: block, ...entries } = object.members;
  const metadata = parseMetadata(block, codec);
  if (metadata.kind === 'refused') return metadata;

  const expected = new Map(plan.placed.map(({ part }) => [part.name, part]));
  const placed = new Map<string, Placed>();
  for (const [name, entry] of Object.entries(entries)) {
    const part = expected.get(name);
    if (!part)
      return refused('TENSOR_UNKNOWN', `the model has no tensor ${quoted(name)}`, {
        tensor: name.slice(0, 80),
      });
    const place = parseEntry(part, entry);
    if ('kind' in place) return place;
    placed.set(name, place);
  }
  for (const name of expected.keys()) {
    if (!placed.has(name))
      return refused('TENSOR_MISSING', `tensor ${quoted(name)} is missing`, { tensor: name });
  }
  return (
    notTiled([...placed.values()], plan.dataBytes) ?? { kind: 'header', metadata: metadata.metadata, placed }
  );
}

const invalid = (problem: string) => refused('HEADER_INVALID', `the header cannot be read: ${problem}`);

function parseObject(bytes: Uint8Array): { kind: 'object'; members: Record<string, unknown> } | CodecRefusal {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return invalid('it is not UTF-8');
  }
  const parsed = parseStrictJson(text);
  if ('problem' in parsed) return invalid(parsed.problem);
  return isObject(parsed.value) ? { kind: 'object', members: parsed.value } : invalid('it is not an object');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseMetadata(
  block: unknown,
  codec: string,
): { kind: 'metadata'; metadata: Metadata } | CodecRefusal {
  if (!isObject(block)) return refused('FORMAT_UNKNOWN', `the header has no ${metadataName}`);
  const members = new Map(Object.entries(block));
  for (const [name, value] of members) {
    if (typeof value !== 'string') return invalid(`${quoted(name)} in ${metadataName} is not a string`);
  }
  const text = (name: string) => members.get(name) as string | undefined;
  const [isFormat, isCodec, run, base] = ['format', 'codec', 'run', 'base'].map((name) =>
    text(`flobc.${name}`),
  );
  if (isFormat !== format) {
    const is = isFormat === undefined ? 'missing' : quoted(isFormat);
    return refused('FORMAT_UNKNOWN', `flobc.format is ${is}, not "${format}"`, { expected: format });
  }
  if (isCodec !== codec) {
    const is = isCodec === undefined ? 'missing' : quoted(isCodec);
    return refused('CODEC_DIFFERS', `flobc.codec is ${is}, the run uses "${codec}"`, { expected: codec });
  }
  const samples = text('flobc.samples');
  if (samples !== undefined && !/^[1-9]\d{0,14}$/.test(samples)) {
    return invalid(`flobc.samples is ${quoted(samples)}, not a number of examples`);
  }
  const metadata = {
    ...(run === undefined ? {} : { run }),
    ...(base === undefined ? {} : { base }),
    ...(samples === undefined ? {} : { samples: Number(samples) }),
  };
  return { kind: 'metadata', metadata };
}

function parseEntry(part: Part, entry: unknown): Placed | CodecRefusal {
  const tensor = part.name;
  const notEntry = () => invalid(`${quoted(tensor)} is not { dtype, shape, data_offsets }`);
  if (!isObject(entry) || Object.keys(entry).length !== 3) return notEntry();
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets)) return notEntry();
  if (dtype !== part.type) {
    return refused('TYPE_DIFFERS', `tensor ${quoted(tensor)} is ${quoted(dtype)}, not "${part.type}"`, {
      tensor,
      expected: part.type,
    });
  }
  if (shape.length !== part.shape.length || shape.some((size, axis) => size !== part.shape[axis])) {
    const is = shape.slice(0, 8).join(' x ');
    return refused(
      'SHAPE_DIFFERS',
      `tensor ${quoted(tensor)} is ${is || 'a scalar'}, the model's is ${part.shape.join(' x ') || 'a scalar'}`,
      {
        tensor,
        shape: is,
        expected: part.shape.join(' x '),
      },
    );
  }
  const [begin, end] = offsets;
  if (offsets.length !== 2 || end! - begin! !== sizeBytes(part)) {
    return refused(
      'OFFSETS_INVALID',
      `the data of tensor ${quoted(tensor)} is not of ${sizeBytes(part)} bytes`,
      {
        tensor,
        expected: sizeBytes(part),
      },
    );
  }
  return { part, begin: begin!, end: end! };
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** Data that is in two tensors, in none, or beyond the end would mean different things to different readers. */
function notTiled(placed: readonly Placed[], dataBytes: number): CodecRefusal | undefined {
  let reached = 0;
  for (const { part, begin, end } of placed.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached) {
      const what = begin < reached ? 'overlaps what is before it' : 'leaves a hole before it';
      return refused('OFFSETS_INVALID', `the data of tensor ${quoted(part.name)} ${what}`, {
        tensor: part.name,
        begin,
        expected: reached,
      });
    }
    reached = end;
  }
  if (reached === dataBytes) return undefined;
  return refused('OFFSETS_INVALID', `the tensors take ${reached} bytes, not ${dataBytes}`, {
    bytes: reached,
    expected: dataBytes,
  });
}
