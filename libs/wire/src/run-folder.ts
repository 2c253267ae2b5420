import { type ActorId, type Digest, type Event, isActor, isDigest } from '#libs/protocol';
import { z } from 'zod';
import { event } from './events.ts';
import { quoted, type Refusal, refused } from './refusal.ts';

// The files of a run folder are text, so that people and other tools can read them; but each value has one spelling, the
// one written here, so that a file's digest says what is in it and two runs can be compared byte by byte.

/** Longest line of a file: an event of the largest settlement takes a fifth of it. */
export const maxLineChars = 1_000_000;

/** Deepest nesting; a configuration's deepest list is at half of it. */
const maxDepth = 16;

const digest = z.custom<Digest>(isDigest, { error: 'expected 32 bytes in lower-case hexadecimal' });
const address = z.custom<ActorId>(isActor, { error: 'expected an address in lower-case hexadecimal' });
const number = z.string().regex(/^(?:0|[1-9]\d{0,77})$/, { error: 'expected decimal digits' });
const uint256 = z.codec(number, z.bigint().min(0n), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
});

/** What has to be known to read a run folder, and to run the run again: `manifest.json`. */
const manifest = z.strictObject({
  format: z.literal('flobc.run'),
  version: z.literal(1),
  run: digest,
  /** The whole configuration, defaults filled in. Whoever reads it parses it: the protocol its part, and so on. */
  configuration: z.record(z.string(), z.unknown()),
  seed: z.string(),
  engine: z.enum(['sim', 'local', 'hosted']),
  /** null where nobody votes: baselines have no chain. */
  ledger: z.strictObject({ chainId: uint256, address, number: uint256 }).nullable(),
  /** What computed the models: another backend may round otherwise. */
  learning: z.strictObject({ backend: z.string(), version: z.string() }),
  software: z.strictObject({ flobc: z.string(), node: z.string() }),
});

export type Manifest = Readonly<z.output<typeof manifest>>;

/** First line of `events.jsonl`; each further one is an event. */
const eventsHeader = z.strictObject({
  format: z.literal('flobc.events'),
  version: z.literal(1),
  run: digest,
});

export type EventsHeader = Readonly<z.output<typeof eventsHeader>>;

export const formatManifest = (value: Manifest): string =>
  `${JSON.stringify(z.encode(manifest, value), null, 2)}\n`;
export const formatEventsHeader = (value: EventsHeader): string =>
  JSON.stringify(z.encode(eventsHeader, value));
export const formatEvent = (value: Event): string => JSON.stringify(z.encode(event, value));

export type Read<T> = { readonly kind: 'read'; readonly value: T } | Refusal;

export const parseManifest = (text: string): Read<Manifest> => parse(text, manifest, formatManifest);
export const parseEventsHeader = (line: string): Read<EventsHeader> =>
  parse(line, eventsHeader, formatEventsHeader);
export const parseEvent = (line: string): Read<Event> => parse(line, event, formatEvent);

/** A value from text that anybody may have written; only the spelling of `format` is accepted. Never throws. */
function parse<T>(text: string, schema: z.ZodType<T>, format: (value: T) => string): Read<T> {
  if (text.length > maxLineChars) {
    return refused('SIZE_EXCEEDED', `${text.length} characters are more than a line may have`, {
      limit: maxLineChars,
    });
  }
  if (isDeep(text)) {
    return refused('NESTED_TOO_DEEP', `the line is nested deeper than ${maxDepth} levels`, {
      limit: maxDepth,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused('MALFORMED', 'the line is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = quoted(issue?.path.join('.') ?? '');
    return refused('MALFORMED', `at ${place}: ${quoted(issue?.message ?? '')}`, { place });
  }
  if (format(parsed.data) !== text) return refused('NOT_CANONICAL', 'the line has another spelling');
  return { kind: 'read', value: parsed.data };
}

/** Counted before anything is parsed, because parsers call themselves, and a stranger's nesting must not end their stack. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoting = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoting) {
      if (character === '\\') at++;
      else if (character === '"') quoting = false;
    } else if (character === '"') quoting = true;
    else if (character === '{' || character === '[') {
      if (++depth > maxDepth) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}
