import { z } from 'zod';
import { builtInModels } from '#libs/learning';
import {
  alternativeTable,
  alternativesOf,
  code,
  formOf,
  keyTable,
  omit,
  opened,
  type Schema,
  table,
} from '#libs/settings';
import { productPolicies } from '../policy/product.ts';
import { presets } from '../presets/index.ts';
import { runFile } from '../run-file/schema.ts';

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
  dataset: () => alternativeTable('data.dataset', fieldsIn(shape.data).dataset!),
  partition: () => alternativeTable('data.partition', fieldsIn(shape.data).partition!),
  training: () => keyTable('training', fieldsIn(shape.training)),
  optimizer: () => alternativeTable('training.optimizer', fieldsIn(shape.training).optimizer!),
  aggregator: () => alternativeTable('aggregator', shape.aggregator),
  trainers: () => keyTable('trainers', fieldsIn(shape.trainers)),
  'trainer behaviours': () =>
    alternativeTable('trainers.behaviours[]', elementOf(fieldsIn(shape.trainers).behaviours!), selectors),
  validators: () => keyTable('validators', fieldsIn(shape.validators)),
  'validator behaviours': () =>
    alternativeTable('validators.behaviours[]', elementOf(fieldsIn(shape.validators).behaviours!), selectors),
  selectors: () =>
    keyTable('…behaviours[]', pick(fieldsIn(elementOf(fieldsIn(shape.trainers).groups!)), selectors)),
  groups: () => keyTable('…groups[]', omit(fieldsIn(elementOf(fieldsIn(shape.trainers).groups!)), selectors)),
  scheme: () => alternativeTable('scheme', shape.scheme),
  staleness: () =>
    alternativeTable(
      'scheme.staleness',
      fieldsIn(alternativesOf(shape.scheme)!.options.get('bap')!).staleness!,
    ),
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
