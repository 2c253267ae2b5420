import { z } from 'zod';
import { alternativesOf, formOf, opened, type Schema } from './shape.ts';

// Tables of documents, in Markdown. They come from the schemas, so that a document cannot say anything else than what is read.

/** A row a key: mappings inside are opened, alternatives have tables of their own. */
export function keyTable(prefix: string, fields: Readonly<Record<string, Schema>>): string {
  return table(['key', 'what it is', 'expected', 'default'], rowsOf(prefix, fields));
}

function rowsOf(prefix: string, fields: Readonly<Record<string, Schema>>): string[][] {
  return Object.entries(fields).flatMap(([key, schema]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const { inner, meta } = opened(schema);
    if (inner instanceof z.ZodObject && meta.unit === undefined) return rowsOf(path, inner.shape);
    return [[code(path), meta.description ?? '', expected(schema), defaultOf(schema)]];
  });
}

/** A row an alternative, its keys below it. */
export function alternativeTable(path: string, schema: Schema, without: readonly string[] = []): string {
  const { key: tag, options, fallback } = alternativesOf(schema)!;
  const rows = [...options].flatMap(([name, option]) => {
    const says = opened(option.shape[tag] as Schema).meta.description ?? '';
    const head = [`**${code(name)}**${name === fallback ? ' (default)' : ''}`, says, '', ''];
    return [head, ...rowsOf('', omit(option.shape, [tag, ...without]))];
  });
  return table([code(`${path}.${tag}`), 'what it is', 'expected', 'default'], rows);
}

function expected(schema: Schema): string {
  const alternatives = alternativesOf(schema);
  if (alternatives) return `${[...alternatives.options.keys()].map(code).join(', ')}: see below`;
  const { inner } = opened(schema);
  if (inner instanceof z.ZodArray && alternativesOf(inner.element)) return 'a list: see below';
  if (inner instanceof z.ZodArray && opened(inner.element).inner instanceof z.ZodObject)
    return 'a list: see below';
  return formOf(schema);
}

function defaultOf(schema: Schema): string {
  let isOptional = false;
  for (let at = schema; ; at = at.unwrap()) {
    if (at instanceof z.ZodDefault || at instanceof z.ZodPrefault) return shown(at.def.defaultValue);
    isOptional ||= at instanceof z.ZodOptional;
    if (!(at instanceof z.ZodOptional || at instanceof z.ZodNullable)) break;
  }
  return opened(schema).meta.derived ?? (isOptional ? '-' : '**needed**');
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : code(JSON.stringify(value));
  if (typeof value === 'object' && value !== null) {
    const [first] = Object.values(value) as unknown[];
    return first === undefined ? '-' : shown(first);
  }
  return code(String(value));
}

/** Fields but for some. */
export const omit = (fields: Readonly<Record<string, Schema>>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));

/** The document with its tables made anew; each has to be in it, once. */
export function withTables(
  path: string,
  text: string,
  tables: Readonly<Record<string, () => string>>,
): string {
  return Object.entries(tables).reduce((document, [name, table]) => {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    const [before, rest, ...more] = document.split(begin);
    const after = rest?.split(end)[1];
    if (after === undefined || more.length > 0)
      throw new Error(`${path} has no place for "${name}", or several`);
    return `${before}${begin}\n\n${table()}\n\n${end}${after}`;
  }, text);
}

export const code = (text: string): string => `\`${text}\``;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
