import { z } from 'zod';
import { builtInModels } from '#libs/learning';
import { productPolicies } from '../policy/product.ts';
import { presets } from '../presets/index.ts';
import { runFile } from '../run-file/schema.ts';
import { alternativesOf, formOf, opened, type Schema } from '../run-file/shape.ts';

// The tables of docs/run-files.md, between `<!-- begin NAME -->` and `<!-- end NAME -->`. They come from the schema, the presets
// and the policies, so that the document cannot say anything else than the product does.

const shape = runFile.shape;

/** Every table by its name. */
export const documentTables: Readonly<Record<string, () => string>> = {
  run: () =>
    keyTable('', {
      name: shape.name,
      preset: shape.preset,
      seed: shape.seed,
      rounds: shape.rounds,
      coordination: shape.coordination,
      model: shape.model,
      codec: shape.codec,
      scoring: shape.scoring,
      election: shape.election,
    }),
  data: () => keyTable('data', fieldsIn(shape.data)),
  dataset: () => alternatives('data.dataset', fieldsIn(shape.data).dataset!),
  partition: () => alternatives('data.partition', fieldsIn(shape.data).partition!),
  training: () => keyTable('training', fieldsIn(shape.training)),
  optimizer: () => alternatives('training.optimizer', fieldsIn(shape.training).optimizer!),
  aggregator: () => alternatives('aggregator', shape.aggregator),
  trainers: () => keyTable('trainers', fieldsIn(shape.trainers)),
  'trainer behaviours': () =>
    alternatives('trainers.behaviours[]', elementOf(fieldsIn(shape.trainers).behaviours!), selectors),
  validators: () => keyTable('validators', fieldsIn(shape.validators)),
  'validator behaviours': () =>
    alternatives('validators.behaviours[]', elementOf(fieldsIn(shape.validators).behaviours!), selectors),
  selectors: () =>
    keyTable('…behaviours[]', pick(fieldsIn(elementOf(fieldsIn(shape.trainers).groups!)), selectors)),
  groups: () => keyTable('…groups[]', omit(fieldsIn(elementOf(fieldsIn(shape.trainers).groups!)), selectors)),
  scheme: () => alternatives('scheme', shape.scheme),
  staleness: () =>
    alternatives('scheme.staleness', fieldsIn(alternativesOf(shape.scheme)!.options.get('bap')!).staleness!),
  policy: () => keyTable('policy', fieldsIn(shape.policy)),
  policies: policyTable,
  economy: () => keyTable('economy', fieldsIn(shape.economy)),
  windows: () => keyTable('windows', fieldsIn(shape.windows)),
  quorum: () => keyTable('quorum', fieldsIn(shape.quorum)),
  limits: () => keyTable('limits', fieldsIn(shape.limits)),
  network: () => keyTable('network', fieldsIn(shape.network)),
  partitions: () =>
    keyTable('network.partitions[]', fieldsIn(elementOf(fieldsIn(shape.network).partitions!))),
  crashes: () => keyTable('network.crashes[]', fieldsIn(elementOf(fieldsIn(shape.network).crashes!))),
  keep: () => keyTable('keep', fieldsIn(shape.keep)),
  presets: presetTables,
  models: () =>
    table(
      ['model', 'what it is'],
      Object.entries(builtInModels).map(([name, { summary }]) => [code(name), summary]),
    ),
};

const selectors = ['at', 'count', 'share'];

function fieldsIn(schema: Schema): Readonly<Record<string, Schema>> {
  const { inner } = opened(schema);
  if (!(inner instanceof z.ZodObject)) throw new Error(`${formOf(schema)} has no keys`);
  return inner.shape;
}

function elementOf(schema: Schema): Schema {
  const { inner } = opened(schema);
  if (!(inner instanceof z.ZodArray)) throw new Error(`${formOf(schema)} is no list`);
  return inner.element;
}

const pick = (fields: Readonly<Record<string, Schema>>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key)));
const omit = (fields: Readonly<Record<string, Schema>>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));

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
function alternatives(path: string, schema: Schema, without: readonly string[] = []): string {
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

function policyTable(): string {
  const rows = Object.entries(productPolicies).flatMap(([name, { says, parameters }]) => [
    [`**${code(name)}**`, says, '', ''],
    ...parameters.map(({ name: key, says: what, bounds, default: preset }) => [
      code(key),
      what,
      bounds ? `a whole number from ${bounds[0]} to ${bounds[1]}` : 'true or false',
      key === 'startTrust' ? '1 / Trainers' : code(String(preset(1))),
    ]),
  ]);
  return table(['policy', 'what it is', 'expected', 'default'], rows);
}

function presetTables(): string {
  return Object.values(presets)
    .map(({ name, says, settings }) => {
      const rows = settings.map(({ path, value, why }) => [code(path), code(flow(value)), why]);
      return `**${code(name)}**: ${says}\n\n${table(['sets', 'to', 'because'], rows)}`;
    })
    .join('\n\n');
}

/** A value on one line of YAML. */
function flow(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, field]) => `${key}: ${flow(field)}`)
    .join(', ')} }`;
}

export const code = (text: string): string => `\`${text}\``;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
