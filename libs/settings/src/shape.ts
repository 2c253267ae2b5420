import { z } from 'zod';

// Questions to the schema of a file that people write: which keys there are at a place, what is expected there, what a
// shorthand stands for. Messages, merging, the documents and the editors' schemas ask the same ones.

declare module 'zod' {
  interface GlobalMeta {
    /** What is expected, where the schema cannot say it itself. */
    readonly form?: string;
    /** What stands where nothing is given, where that depends on other values. */
    readonly derived?: string;
    /** A value that is not a mapping stands for the mapping with only this key. */
    readonly shorthand?: string;
    /** The alternative that holds where the mapping does not name one. */
    readonly fallback?: string;
    /** The key whose value decides what all others mean: where it changes, they do not carry over. */
    readonly replacedBy?: string;
    /** What the value is in, once it is read. */
    readonly unit?: 'ms' | 'wei' | 'ratio' | 'bytesPerSecond' | 'orAll';
    /** `value`: never printed. `url`: of it only the host is, as the rest may be a password or the key of an account. */
    readonly secret?: 'value' | 'url';
  }
}

export type Schema = z.core.$ZodType;
export type Path = readonly (string | number)[];

type Meta = z.GlobalMeta;

/** The schema inside its defaults and options, and what all of them say about it, the outermost first. */
export function opened(schema: Schema): { inner: Schema; meta: Meta } {
  let inner = schema;
  let meta: Meta = {};
  for (;;) {
    meta = { ...z.globalRegistry.get(inner), ...meta };
    if (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodNullable
    )
      inner = inner.unwrap();
    else if (inner instanceof z.ZodPipe) inner = inner.in;
    else return { inner, meta };
  }
}

/** A mapping whose keys are known, as one of the alternatives that a key tells apart. */
export interface Alternatives {
  /** The key that tells them apart, `kind` or `name`. */
  readonly key: string;
  /** Those that there are, by the key's value. */
  readonly options: ReadonlyMap<string, z.ZodObject>;
  /** The one that holds where the key is not given. */
  readonly fallback: string | undefined;
}

export function alternativesOf(schema: Schema): Alternatives | undefined {
  const { inner, meta } = opened(schema);
  if (!(inner instanceof z.ZodDiscriminatedUnion)) return undefined;
  const key = inner.def.discriminator;
  const options = (inner.options as readonly z.ZodObject[]).map(
    (option) => [String((option.shape[key] as z.ZodLiteral).value), option] as const,
  );
  return { key, options: new Map(options), fallback: meta.fallback };
}

/** The fields of a mapping: of the alternative that the value names; of all where it names none of them. */
export function fieldsOf(schema: Schema, value: unknown): Readonly<Record<string, Schema>> | undefined {
  const { inner } = opened(schema);
  if (inner instanceof z.ZodObject) return inner.shape;
  const alternatives = alternativesOf(schema);
  if (!alternatives) return undefined;
  const { key, options, fallback } = alternatives;
  const named = isMapping(value) ? (value[key] ?? fallback) : undefined;
  const one = typeof named === 'string' ? options.get(named) : undefined;
  if (one) return one.shape;
  return Object.assign({}, ...[...options.values()].map((option) => option.shape)) as Record<string, Schema>;
}

/** The schema of what is at a key of a mapping or at an index of a list. */
export function childOf(schema: Schema, value: unknown, step: string | number): Schema | undefined {
  const { inner } = opened(schema);
  if (inner instanceof z.ZodArray) return inner.element;
  if (inner instanceof z.ZodTuple) return inner.def.items[Number(step)];
  if (inner instanceof z.ZodRecord) return inner.valueType;
  const fields = fieldsOf(schema, value);
  return fields && Object.hasOwn(fields, step) ? fields[step] : undefined;
}

/** What is expected, as a noun: "a whole number from 1 to 64". */
export function formOf(schema: Schema): string {
  const { inner, meta } = opened(schema);
  if (meta.form !== undefined) return meta.form;
  if (inner instanceof z.ZodNumber) return numberForm(inner);
  if (inner instanceof z.ZodString) return 'a text';
  if (inner instanceof z.ZodBoolean) return 'true or false';
  if (inner instanceof z.ZodEnum) return oneOf(inner.options.map(String));
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(String).join(' or ');
  if (inner instanceof z.ZodArray) return `a list, each ${formOf(inner.element)}`;
  if (inner instanceof z.ZodTuple)
    return `a list of ${inner.def.items.length}, each ${formOf(inner.def.items[0]!)}`;
  if (inner instanceof z.ZodUnion && !(inner instanceof z.ZodDiscriminatedUnion))
    return inner.options.map((option) => formOf(option)).join(', or ');
  const alternatives = alternativesOf(schema);
  if (!alternatives) return meta.shorthand ? `a mapping, or its ${meta.shorthand} alone` : 'a mapping';
  const names = [...alternatives.options.keys()];
  return `a mapping with ${alternatives.key}: ${oneOf(names)}${meta.shorthand ? ', or that alone' : ''}`;
}

const oneOf = (names: readonly string[]) => (names.length === 1 ? names[0]! : `one of ${names.join(', ')}`);

function numberForm(schema: z.ZodNumber): string {
  const isWhole = schema.format?.includes('int') ?? false;
  let [least, most]: (string | undefined)[] = [];
  for (const check of schema.def.checks ?? []) {
    const { check: kind, value, inclusive } = check._zod.def as unknown as Bound;
    // A whole number above 0 is one from 1 on.
    if (kind === 'greater_than')
      least = bound('from', 'above', inclusive, isWhole ? value + 1 : undefined, value);
    if (kind === 'less_than') most = bound('to', 'below', inclusive, isWhole ? value - 1 : undefined, value);
  }
  const noun = isWhole ? 'a whole number' : 'a number';
  if (least === undefined) return most === undefined ? noun : `${noun} ${most.replace(/^to/, 'of at most')}`;
  if (most === undefined) return `${noun} ${least}${least.startsWith('from') ? ' on' : ''}`;
  if (least.startsWith('from') && most.startsWith('to')) return `${noun} ${least} ${most}`;
  // "above 0 to 1" reads badly; "above 0, at most 1" does not.
  return `${noun} ${least.replace(/^from/, 'of at least')}, ${most.replace(/^to/, 'at most')}`;
}

interface Bound {
  readonly check: string;
  readonly value: number;
  readonly inclusive: boolean;
}

function bound(
  within: string,
  beyond: string,
  inclusive: boolean,
  next: number | undefined,
  value: number,
): string {
  if (inclusive) return `${within} ${digits(value)}`;
  return next === undefined ? `${beyond} ${digits(value)}` : `${within} ${digits(next)}`;
}

/** 1,000,000: zeros are not counted. */
const digits = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 20 });

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `trainers.behaviours[0].std` */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}
