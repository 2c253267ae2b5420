import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve as absolute } from 'node:path';
import { parseDocument } from 'yaml';
import { Fault, nearest } from '#libs/fault';
import type { Digest } from '#libs/protocol';
import { isPolicyFile } from '../policy/product.ts';
import { layerOf, presets } from '../presets/index.ts';
import type { RunPlan } from '../run-plan.ts';
import { type Layer, type Merged, mergeLayers, type Origin } from './layers.ts';
import { type Finding, findingsOf, type RunFileProblem, shown, unknownKey } from './problems.ts';
import { isModelFile, resolve, type Sections } from './resolve.ts';
import { presetNames, runFile, type Settings } from './schema.ts';
import { alternativesOf, childOf, isMapping, opened, type Path, pathText, type Schema } from './shape.ts';
import { type Reading, readYaml } from './yaml.ts';

export interface LoadedRunFile {
  readonly plan: RunPlan;
  /** The folder that the paths of the plan are relative to. */
  readonly folder: string;
  /** Every value of the run file's own words, and where it came from; in the order of the schema. */
  readonly provenance: Provenance;
  /** What is allowed and probably not meant. */
  readonly warnings: readonly string[];
}

export interface Provenance {
  readonly settings: Settings;
  /** By path: `training.epochs`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Reads a run file to its end: everything that is wrong with it is said at once, each with its place. Overrides are
 * `path=value`, the value in YAML, and hold over what the file says.
 *
 * @throws Fault `RUN_FILE_MISSING`, `RUN_FILE_INVALID`
 */
export async function loadRunFile(path: string, overrides: readonly string[] = []): Promise<LoadedRunFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('RUN_FILE_MISSING', `There is no run file ${path}: ${(cause as Error).message}`, {
      facts: { path },
      hint: 'Give the path of a run file; experiments/ has some, docs/run-files.md says what is in one.',
      cause,
    });
  }
  return parseRunFile(text, { file: path, folder: dirname(absolute(path)), overrides });
}

export interface RunFileSource {
  /** What the file is called in messages. */
  readonly file: string;
  readonly folder: string;
  readonly overrides?: readonly string[];
}

/** The same for a text that is not in a file. @throws Fault `RUN_FILE_INVALID` */
export async function parseRunFile(
  text: string,
  { file, folder, overrides = [] }: RunFileSource,
): Promise<LoadedRunFile> {
  const reader = new Reader(file);
  const layers = reader.layers(text, overrides);
  reader.failIfAny();
  return resolvedBy(reader, layers, folder);
}

/**
 * The same for values that come from several places, such as a run file and the sweep file that varies it; the last layer is
 * on top, and a preset that one of them names is put below. @throws Fault `RUN_FILE_INVALID`
 */
export async function loadLayers(
  layers: readonly Layer[],
  { file, folder }: Pick<RunFileSource, 'file' | 'folder'>,
): Promise<LoadedRunFile> {
  const reader = new Reader(file);
  return resolvedBy(reader, [...reader.preset(layers), ...layers], folder);
}

async function resolvedBy(reader: Reader, layers: readonly Layer[], folder: string): Promise<LoadedRunFile> {
  const merged = mergeLayers(runFile, layers);
  const value = withFallbacks(runFile, merged.value) as Record<string, unknown>;
  const sections = reader.sections(value);
  const resolved = resolve(sections, (at, message) =>
    reader.findings.push({ path: at, isKey: false, message }),
  );
  const files = await filesOf(sections, folder, reader.findings);
  reader.place(merged);
  reader.failIfAny();
  const settings = sections as Settings;
  const provenance = { settings, origins: originsOf(settings, merged.origins) };
  return { plan: { ...resolved!, files }, folder, provenance, warnings: warningsOf(settings, merged) };
}

/** What a file says, or what it says at a path; a value's origin is where it was written. */
export function layerOfFile(file: string, value: unknown, places: Reading['places'], at: Path = []): Layer {
  return {
    value,
    originOf: (path) => {
      const whole = [...at, ...path];
      // What a shorthand stands for is where the shorthand is.
      for (let length = whole.length; ; length--) {
        const place = places.get(pathText(whole.slice(0, length)));
        if (place) return { kind: 'file', file, ...place };
      }
    },
  };
}

/** Collects what is wrong until it is thrown all at once. */
class Reader {
  readonly findings: Finding[] = [];
  readonly #file: string;
  #problems: RunFileProblem[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  layers(text: string, overrides: readonly string[]): Layer[] {
    const { value, places, problems } = readYaml(text);
    for (const { at, message } of problems) this.#add('', `${this.#file}:${at.line}:${at.column}`, message);
    if (problems.length === 0 && !isMapping(value))
      this.#add(
        '',
        `${this.#file}:1:1`,
        `expected a mapping such as "name: quickstart", not ${shown(value)}`,
      );
    const ofFile = layerOfFile(this.#file, isMapping(value) ? value : {}, places);
    const ofOverrides = overrides.flatMap((override) => this.#override(override) ?? []);
    const preset = this.preset([ofFile, ...ofOverrides]);
    return [...preset, ofFile, ...ofOverrides];
  }

  /** The layer of the preset that they name, if they do. */
  preset(layers: readonly Layer[]): Layer[] {
    const given = layers.findLast(({ value }) => isMapping(value) && value.preset !== undefined);
    const name = (given?.value as { preset?: unknown } | undefined)?.preset;
    const known = presetNames.find((candidate) => candidate === name);
    // One that is not known is found again with everything else that the schema finds.
    return known === undefined ? [] : [layerOf(presets[known])];
  }

  #override(text: string): Layer | undefined {
    const at = `--set ${text}`;
    const [, path = '', given = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    const steps = path.split('.').map((step) => step.trim());
    if (steps.some((step) => !/^[\w-]+$/.test(step))) {
      this.#add(path, at, 'expected --set path=value, such as --set trainers.count=9');
      return undefined;
    }
    const document = parseDocument(given, { prettyErrors: false });
    const [error] = document.errors;
    if (error) {
      this.#add(path, at, `the value is not YAML: ${error.message.split('\n')[0]}`);
      return undefined;
    }
    const value = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), document.toJS());
    return { value, originOf: () => ({ kind: 'override', text: at }) };
  }

  /** Each section by itself, so that a mistake in one does not hide those in the others. */
  sections(value: Record<string, unknown>): Sections {
    const sections: Record<string, unknown> = {};
    for (const key of Object.keys(value))
      if (!Object.hasOwn(runFile.shape, key)) this.findings.push(unknownKey(runFile, value, [], key));
    for (const [key, schema] of Object.entries(runFile.shape)) {
      const parsed = schema.safeParse(value[key]);
      if (parsed.success) sections[key] = parsed.data;
      else this.findings.push(...findingsOf(parsed.error.issues, runFile, value, [key]));
    }
    return sections;
  }

  /** Looks up where everything that was found was said, and puts it in the order of the file. */
  place({ origins }: Merged): void {
    const placed = this.findings.map(({ path, isKey, message }) => {
      let length = path.length;
      while (length > 0 && !origins.has(pathText(path.slice(0, length)))) length--;
      const origin = origins.get(pathText(path.slice(0, length)))!;
      // What is missing is missing in what is around it, and that is found by its key.
      const ofKey = isKey || length < path.length;
      return { path: pathText(path), at: placeOf(origin, ofKey), line: lineOf(origin, ofKey), message };
    });
    placed.sort((a, b) => a.line - b.line);
    for (const { path, at, message } of placed) this.#add(path, at, message);
    this.findings.length = 0;
  }

  #add(path: string, at: string, message: string): void {
    const isKnown = this.#problems.some((known) => known.path === path && known.message === message);
    if (!isKnown) this.#problems.push({ path, at, message });
  }

  failIfAny(): void {
    const problems = this.#problems;
    if (problems.length === 0) return;
    const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`;
    const lines = problems.map(
      ({ at, path, message }) => `  ${at}  ${path === '' ? '' : `${path}: `}${message}`,
    );
    throw new Fault('RUN_FILE_INVALID', `${count} wrong in ${this.#file}:\n${lines.join('\n')}`, {
      facts: { file: this.#file, problems },
      hint: 'docs/run-files.md lists every key with its unit and default.',
    });
  }
}

/** Orders places: those of the file by line and column, then presets and overrides. */
function lineOf(origin: Origin, ofKey: boolean): number {
  if (origin.kind !== 'file') return Number.MAX_VALUE;
  const { line, column } = ofKey ? origin.key : origin.value;
  return line + column / 1e6;
}

export function placeOf(origin: Origin, ofKey = false): string {
  switch (origin.kind) {
    case 'file': {
      const { line, column } = ofKey ? origin.key : origin.value;
      return `${origin.file}:${line}:${column}`;
    }
    case 'preset':
      return `preset ${origin.name}`;
    case 'override':
      return origin.text;
    case 'derived':
    case 'default':
      return 'default';
  }
}

/** Names the alternative that holds where a mapping does not, so that its other keys are read. */
function withFallbacks(schema: Schema | undefined, value: unknown): unknown {
  if (!schema) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, i) => withFallbacks(childOf(schema, value, i), item));
  if (!isMapping(value)) return value;
  const alternatives = alternativesOf(schema);
  const filled =
    alternatives?.fallback !== undefined && value[alternatives.key] === undefined
      ? { [alternatives.key]: alternatives.fallback, ...value }
      : value;
  return Object.fromEntries(
    Object.entries(filled).map(([key, field]) => [key, withFallbacks(childOf(schema, filled, key), field)]),
  );
}

/** The digests of the files that the configuration consists of; one that is not there is a finding. */
async function filesOf(
  { model, policy }: Sections,
  folder: string,
  findings: Finding[],
): Promise<Record<string, Digest>> {
  const named: { path: Path; file: string }[] = [];
  if (model !== undefined && isModelFile(model)) named.push({ path: ['model'], file: model });
  if (policy && isPolicyFile(policy.name)) named.push({ path: ['policy', 'name'], file: policy.name });
  const digests = await Promise.all(
    named.map(async ({ path, file }) => {
      try {
        return [[file, await digestOf(absolute(folder, file))] as const];
      } catch {
        const name = basename(file);
        const near = nearest(name, await siblingsOf(absolute(folder, file)));
        const advice = near === undefined ? '' : `; is ${near} meant?`;
        findings.push({ path, isKey: false, message: `there is no file ${absolute(folder, file)}${advice}` });
        return [];
      }
    }),
  );
  return Object.fromEntries(digests.flat());
}

async function digestOf(path: string): Promise<Digest> {
  return `0x${createHash('sha256')
    .update(await readFile(path))
    .digest('hex')}`;
}

async function siblingsOf(path: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  return readdir(dirname(path)).catch(() => []);
}

/** Where every value came from, those of defaults included. */
function originsOf(settings: Settings, given: ReadonlyMap<string, Origin>): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  const visit = (schema: Schema | undefined, value: unknown, path: Path): void => {
    const text = pathText(path);
    const derived = schema && opened(schema).meta.derived;
    const fallback: Origin = derived === undefined ? { kind: 'default' } : { kind: 'derived', from: derived };
    origins.set(text, given.get(text) ?? fallback);
    if (isMapping(value))
      for (const [key, field] of Object.entries(value))
        visit(schema && childOf(schema, value, key), field, [...path, key]);
  };
  visit(runFile, settings, []);
  return origins;
}

/** Sections that mean nothing where nobody votes. */
const ofVoting = ['validators', 'scoring', 'policy', 'economy', 'windows', 'quorum', 'limits'] as const;

function warningsOf({ coordination }: Settings, { origins }: Merged): string[] {
  if (coordination === 'flobc') return [];
  return ofVoting.flatMap((key) => {
    const origin = origins.get(key);
    if (origin?.kind !== 'file' && origin?.kind !== 'override') return [];
    return [`${placeOf(origin, true)}  ${key} means nothing to coordination ${coordination}`];
  });
}
