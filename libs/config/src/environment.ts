import { z } from 'zod';
import { nearest } from '#libs/fault';
import { alternativesOf, type Layer, opened, type Path, type Problems, type Schema } from '#libs/settings';
import { nodeFile } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Of this process: read here and nowhere else. */
export const environment: Environment = process.env;

/** The same without what is said to nodes: for processes that are told everything by their files. */
export const plainEnvironment: Environment = Object.fromEntries(
  Object.entries(environment).filter(([name]) => !name.startsWith('FLOBC_')),
);

interface Variable {
  readonly path: Path;
  readonly schema: Schema;
}

/** The variable of every value that is not a mapping: `chain.headsUrl` is `FLOBC_CHAIN_HEADS_URL`. */
export const variables: ReadonlyMap<string, Variable> = new Map(variablesIn(nodeFile, []));

function variablesIn(schema: Schema, path: Path): [string, Variable][] {
  const { inner } = opened(schema);
  // Which keys a dataset has depends on its kind: too much for variables.
  if (alternativesOf(schema)) return [];
  if (!(inner instanceof z.ZodObject)) return [[variableOf(path), { path, schema }]];
  return Object.entries(inner.shape).flatMap(([key, field]) => variablesIn(field as Schema, [...path, key]));
}

function variableOf(path: Path): string {
  return `FLOBC_${path.join('_').replace(/[a-z](?=[A-Z])/g, '$&_')}`.toUpperCase();
}

/** What the environment says of a node, a layer each; a variable that means nothing is a problem, an empty one is none. */
export function layersOf(given: Environment, problems: Problems): Layer[] {
  return Object.entries(given).flatMap(([name, text]) => {
    if (!name.startsWith('FLOBC_') || text === undefined || text === '') return [];
    const variable = variables.get(name);
    if (variable !== undefined) return [layerOf(name, variable, text)];
    const near = nearest(name, [...variables.keys()]);
    problems.add(
      '',
      name,
      `unknown variable; ${near === undefined ? 'docs/node-files.md lists them' : `is ${near} meant?`}`,
    );
    return [];
  });
}

const layerOf = (variable: string, { path, schema }: Variable, text: string): Layer => ({
  value: path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), valueOf(schema, text)),
  originOf: () => ({ kind: 'environment', variable }),
});

/** Variables are texts: what is expected says what they stand for. */
function valueOf(schema: Schema, text: string): unknown {
  const { inner } = opened(schema);
  if (inner instanceof z.ZodArray) return text.split(',').map((item) => item.trim());
  if (inner instanceof z.ZodNumber) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return text;
}
