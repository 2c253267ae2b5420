import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve as absolute } from 'node:path';
import { parseDocument } from 'yaml';
import { Fault, nearest } from '#libs/fault';
import type { Digest } from '#libs/protocol';
import {
  allOrigins,
  type Finding,
  isMapping,
  type Layer,
  layerOfFile,
  type Merged,
  mergeLayers,
  type Origin,
  type Path,
  placeOf,
  type Problem,
  Problems,
  readYaml,
  sectionsOf,
  shown,
  withFallbacks,
} from '#libs/settings';
import { isPolicyFile } from '../policy/product.ts';
import { layerOf, presets } from '../presets/index.ts';
import type { RunPlan } from '../run-plan.ts';
import { isModelFile, resolve, type Sections } from './resolve.ts';
import { presetNames, runFile, type Settings } from './schema.ts';

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
  reader.failIfAny(invalid(file));
  return resolvedBy(reader, layers, { file, folder });
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
  return resolvedBy(reader, [...reader.preset(layers), ...layers], { file, folder });
}

async function resolvedBy(
  reader: Reader,
  layers: readonly Layer[],
  { file, folder }: Pick<RunFileSource, 'file' | 'folder'>,
): Promise<LoadedRunFile> {
  const merged = mergeLayers(runFile, layers);
  const value = withFallbacks(runFile, merged.value) as Record<string, unknown>;
  const { sections, findings } = sectionsOf(runFile, value);
  reader.findings.push(...findings);
  const resolved = resolve(sections, (at, message) =>
    reader.findings.push({ path: at, isKey: false, message }),
  );
  const files = await filesOf(sections, folder, reader.findings);
  reader.place(merged);
  reader.failIfAny(invalid(file));
  const settings = sections as Settings;
  const provenance = { settings, origins: allOrigins(runFile, settings, merged.origins) };
  return { plan: { ...resolved!, files }, folder, provenance, warnings: warningsOf(settings, merged) };
}

/** Collects what is wrong until it is thrown all at once. */
class Reader extends Problems {
  readonly #file: string;

  constructor(file: string) {
    super();
    this.#file = file;
  }

  layers(text: string, overrides: readonly string[]): Layer[] {
    const { value, places, problems } = readYaml(text);
    for (const { at, message } of problems) this.add('', `${this.#file}:${at.line}:${at.column}`, message);
    if (problems.length === 0 && !isMapping(value))
      this.add('', `${this.#file}:1:1`, `expected a mapping such as "name: quickstart", not ${shown(value)}`);
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
      this.add(path, at, 'expected --set path=value, such as --set trainers.count=9');
      return undefined;
    }
    const document = parseDocument(given, { prettyErrors: false });
    const [error] = document.errors;
    if (error) {
      this.add(path, at, `the value is not YAML: ${error.message.split('\n')[0]}`);
      return undefined;
    }
    const value = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), document.toJS());
    return { value, originOf: () => ({ kind: 'override', text: at }) };
  }
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

const invalid =
  (file: string) =>
  (count: string, lines: string, problems: readonly Problem[]): Fault =>
    new Fault('RUN_FILE_INVALID', `${count} wrong in ${file}:\n${lines}`, {
      facts: { file, problems },
      hint: 'docs/run-files.md lists every key with its unit and default.',
    });

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
