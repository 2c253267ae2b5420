import { readFile } from 'node:fs/promises';
import { dirname, resolve as absolute } from 'node:path';
import { Fault } from '#libs/fault';
import {
  allOrigins,
  isMapping,
  type Layer,
  layerOfFile,
  mergeLayers,
  type Origin,
  type Problem,
  Problems,
  readYaml,
  sectionsOf,
  shown,
  withFallbacks,
} from '#libs/settings';
import { type Environment, environment, layersOf } from './environment.ts';
import { type NodeConfig, resolve } from './resolve.ts';
import { nodeFile, type NodeSettings } from './schema.ts';

/** The file of a node, read to its end. */
export interface LoadedNode {
  readonly config: NodeConfig;
  readonly settings: NodeSettings;
  /** Where every value came from, by its path: `chain.url`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface LoadNodeOptions {
  /** What was asked for on the command line: the file may leave its role out, and must not say another. */
  readonly role?: NodeConfig['role'];
  /** Of this process by default. */
  readonly variables?: Environment;
}

/**
 * Reads the file of a node, in YAML or JSON, and what the environment says over it: everything that is wrong is said at
 * once, each with its place. @throws Fault NODE_FILE_MISSING, NODE_FILE_INVALID
 */
export async function loadNodeFile(path: string, options: LoadNodeOptions = {}): Promise<LoadedNode> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('NODE_FILE_MISSING', `There is no node file ${path}: ${(cause as Error).message}`, {
      facts: { path },
      hint: 'docs/node-files.md says what is in one; flobc up writes one for every node of a network on this machine.',
      cause,
    });
  }
  return parseNodeFile(text, path, options);
}

/** The same for a text. @param file What it is called in messages; paths are relative to its folder. */
export async function parseNodeFile(
  text: string,
  file: string,
  { role, variables = environment }: LoadNodeOptions = {},
): Promise<LoadedNode> {
  const problems = new Problems();
  const fail = invalid(file);
  const merged = mergeLayers(nodeFile, [
    ...(role === undefined ? [] : [roleLayer(role)]),
    layerOfText(text, file, problems),
    ...layersOf(variables, problems),
  ]);
  const value = withFallbacks(nodeFile, merged.value) as Record<string, unknown>;
  const { sections, findings } = sectionsOf(nodeFile, value);
  problems.findings.push(...findings);
  const config = await resolve(sections, { folder: dirname(absolute(file)), role }, (at, message) =>
    problems.findings.push({ path: at, isKey: false, message }),
  );
  problems.place(merged);
  problems.failIfAny(fail);
  const settings = sections as NodeSettings;
  return { config: config!, settings, origins: allOrigins(nodeFile, settings, merged.origins) };
}

const roleLayer = (role: NodeConfig['role']): Layer => ({
  value: { role },
  originOf: () => ({ kind: 'override', text: `flobc node ${role}` }),
});

function layerOfText(text: string, file: string, problems: Problems): Layer {
  const { value, places, problems: found } = readYaml(text);
  for (const { at, message } of found) problems.add('', `${file}:${at.line}:${at.column}`, message);
  const isEmpty = value === null || value === undefined;
  if (!isEmpty && !isMapping(value))
    problems.add('', `${file}:1:1`, `expected a mapping such as "role: trainer", not ${shown(value)}`);
  // What could not be read at all says nothing about what is missing in it.
  if (isEmpty || !isMapping(value)) problems.failIfAny(invalid(file));
  return layerOfFile(file, isMapping(value) ? value : {}, places);
}

const invalid =
  (file: string) =>
  (count: string, lines: string, problems: readonly Problem[]): Fault =>
    new Fault('NODE_FILE_INVALID', `${count} wrong in ${file}:\n${lines}`, {
      facts: { file, problems },
      hint: 'docs/node-files.md lists every key, its default and its variable.',
    });
