import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve as absolute } from 'node:path';
import { Fault, isFault, nearest } from '#libs/fault';
import {
  isMapping,
  type Layer,
  layerOfFile,
  type Path,
  pathText,
  type Problem,
  type Reading,
  readYaml,
  sectionsOf,
  shown,
} from '#libs/settings';
import { loadLayers, type LoadedRunFile } from '../run-file/load.ts';
import { configurationDigest } from '../plan/canonical.ts';
import { type Expectation, isAbout, parseExpectation } from './expectations.ts';
import {
  type Axis,
  axesOf,
  type Combination,
  combinationsOf,
  isCalled,
  type Setting,
  settingsOf,
} from './matrix.ts';
import { sweepFile, type SweepSettings } from './schema.ts';
import type { Cell, Sweep, Trial } from './sweep.ts';

/** More trials than anybody means to run. */
const mostTrials = 20_000;

/**
 * Reads a sweep file and everything that it runs: all that is wrong is said at once, in the file where it is.
 *
 * @throws Fault `SWEEP_FILE_INVALID`
 */
export async function loadSweepFile(file: string): Promise<Sweep> {
  const text = await read(file, (reason) => {
    throw new Fault('SWEEP_FILE_INVALID', `There is no sweep file ${file}: ${reason}`, {
      facts: { file },
      hint: 'Give the path of a sweep file; experiments/ has some, docs/sweeps.md says what is in one.',
    });
  });
  return parseSweepFile(text, file);
}

/** The same for a text that would be in this file. @throws Fault `SWEEP_FILE_INVALID` */
export async function parseSweepFile(text: string, file: string): Promise<Sweep> {
  const sweep = new SweepReader(file, text);
  const settings = sweep.settings();
  sweep.failIfAny();
  return sweep.resolve(settings!);
}

async function read(path: string, otherwise: (reason: string) => never): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    return otherwise((error as Error).message);
  }
}

const isAtBaseline = (
  axes: readonly Axis[],
  combination: Combination,
  baseline: Readonly<Record<string, string>>,
): boolean =>
  axes.every(({ name }, i) => baseline[name] === undefined || baseline[name] === combination[i]!.label);

class SweepReader {
  readonly #file: string;
  readonly #text: string;
  readonly #reading: Reading;
  readonly #problems: Problem[] = [];

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#reading = readYaml(text);
  }

  settings(): SweepSettings | undefined {
    const { value, problems } = this.#reading;
    for (const { at, message } of problems)
      this.#add({ path: '', at: `${this.#file}:${at.line}:${at.column}`, message });
    if (problems.length > 0) return undefined;
    if (!isMapping(value)) {
      this.#complain([], `expected a mapping such as "name: ratio", not ${shown(value)}`);
      return undefined;
    }
    const given = Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
    const { sections, findings } = sectionsOf(sweepFile, given);
    for (const { path, isKey, message } of findings) this.#complain(path, message, isKey);
    // Without them there is nothing that the rest could be checked against.
    if (sections.matrix === undefined || sections.seeds === undefined) return undefined;
    return sections as SweepSettings;
  }

  async resolve(settings: SweepSettings): Promise<Sweep> {
    const axes = axesOf(settings.matrix);
    const combinations = combinationsOf(axes, this.#excluded(settings, axes));
    if (combinations.length === 0)
      this.#complain(['exclude'], 'leaves nothing: every combination is excluded');
    const count = combinations.length * settings.seeds.length;
    if (count > mostTrials)
      this.#complain(['matrix'], `makes ${count} trials, and at most ${mostTrials} are meant to be run`);
    const baseline = this.#baseline(settings, axes, combinations);
    const cells = combinations.map((combination, index): Cell => ({
      index,
      combination,
      isBaseline: isAtBaseline(axes, combination, baseline),
    }));
    const expectations = this.#expectations(settings, axes, cells);
    const base = await this.#base(settings.base);
    const trials = count > mostTrials || base === undefined ? [] : await this.#trials(settings, base, cells);
    this.failIfAny();
    const { name, question = null, reported = null, differs = null, seeds } = settings;
    const warnings = [...new Set(trials.flatMap(({ loaded }) => loaded.warnings))];
    const rest = { axes, baseline, seeds, cells, trials, expectations, warnings };
    return { name, question, reported, differs, file: this.#file, text: this.#text, ...rest };
  }

  /** Rules whose axes and values are there. */
  #excluded({ exclude }: SweepSettings, axes: readonly Axis[]): SweepSettings['exclude'] {
    for (const [i, rule] of exclude.entries())
      for (const [name, wanted] of Object.entries(rule))
        for (const value of Array.isArray(wanted) ? wanted : [wanted])
          this.#checkChoice(axes, name, value, ['exclude', i, name]);
    return exclude;
  }

  #checkChoice(axes: readonly Axis[], name: string, value: string | number | boolean, path: Path): void {
    const axis = axes.find((one) => one.name === name);
    if (!axis) {
      const names = axes.map((one) => one.name);
      const near = nearest(name, names);
      const advice = near === undefined ? `there are ${names.join(', ') || 'none'}` : `is ${near} meant?`;
      this.#complain(path, `no axis of the matrix; ${advice}`, true);
    } else if (!axis.choices.some((choice) => isCalled(choice, value))) {
      const labels = axis.choices.map(({ label }) => label);
      const near = nearest(String(value), labels);
      const advice = near === undefined ? `there are ${labels.join(', ')}` : `is ${near} meant?`;
      this.#complain(path, `${name} has no value ${shown(value)}; ${advice}`);
    }
  }

  /** The label of each axis that is named; of all axes the first combination's where none is. */
  #baseline(
    { baseline }: SweepSettings,
    axes: readonly Axis[],
    all: readonly Combination[],
  ): Record<string, string> {
    const wanted = Object.entries(baseline ?? {});
    for (const [name, value] of wanted) this.#checkChoice(axes, name, value, ['baseline', name]);
    if (wanted.length === 0)
      return Object.fromEntries(axes.map(({ name }, i) => [name, all[0]?.[i]?.label ?? '']));
    const labels = Object.fromEntries(
      wanted.map(([name, value]) => {
        const choices = axes.find((axis) => axis.name === name)?.choices ?? [];
        return [name, choices.find((choice) => isCalled(choice, value))?.label ?? ''];
      }),
    );
    const isRun = all.some((combination) => isAtBaseline(axes, combination, labels));
    if (!isRun && all.length > 0) this.#complain(['baseline'], 'is no combination that is run');
    return labels;
  }

  #expectations({ expect }: SweepSettings, axes: readonly Axis[], cells: readonly Cell[]): Expectation[] {
    return expect.flatMap((text, i) => {
      const parsed = parseExpectation(text, axes);
      if (typeof parsed === 'string') this.#complain(['expect', i], parsed);
      else if (!cells.some(({ combination }) => isAbout(parsed, axes, combination)))
        this.#complain(['expect', i], 'is about no combination that is run');
      else return [parsed];
      return [];
    });
  }

  /** What the base says, and what its paths are relative to. */
  async #base(
    base: SweepSettings['base'],
  ): Promise<{ layer: Layer; folder: string; file: string } | undefined> {
    const here = dirname(absolute(this.#file));
    if (typeof base !== 'string') {
      // A run needs a name; that of the sweep will do.
      const value = { name: (this.#reading.value as { name: string }).name, ...base };
      return {
        layer: layerOfFile(this.#file, value, this.#reading.places, ['base']),
        folder: here,
        file: this.#file,
      };
    }
    const path = isAbsolute(base) ? base : join(dirname(this.#file), base);
    const reasons: string[] = [];
    const text = await readFile(path, 'utf8').catch(
      (error: unknown) => void reasons.push((error as Error).message),
    );
    if (text === undefined) {
      this.#complain(['base'], `there is no run file ${path}: ${reasons[0]!}`);
      return undefined;
    }
    const { value, places, problems } = readYaml(text);
    for (const { at, message } of problems)
      this.#add({ path: '', at: `${path}:${at.line}:${at.column}`, message });
    if (problems.length > 0) return undefined;
    const layer = layerOfFile(path, isMapping(value) ? value : {}, places);
    return { layer, folder: dirname(absolute(path)), file: path };
  }

  async #trials(
    { fixed, seeds }: SweepSettings,
    { layer, folder, file }: { layer: Layer; folder: string; file: string },
    cells: readonly Cell[],
  ): Promise<Trial[]> {
    const always = settingsOf(fixed, ['fixed']);
    const trials: Trial[] = [];
    for (const cell of cells) {
      const settings = [...always, ...cell.combination.flatMap((choice) => choice.settings)];
      const layers = [layer, ...settings.map((setting) => this.#layerOf(setting))];
      for (const seed of seeds) {
        const loaded = await this.#load([...layers, this.#seedLayer(seed)], { file, folder });
        // What is wrong with one seed is wrong with all of them.
        if (loaded === undefined) break;
        trials.push({ id: configurationDigest(loaded.plan), cell, seed, loaded });
      }
    }
    return trials;
  }

  async #load(
    layers: readonly Layer[],
    place: { file: string; folder: string },
  ): Promise<LoadedRunFile | undefined> {
    try {
      return await loadLayers(layers, place);
    } catch (fault) {
      if (!isFault(fault) || fault.code !== 'RUN_FILE_INVALID') throw fault;
      for (const problem of fault.facts.problems as Problem[]) this.#add(problem);
      return undefined;
    }
  }

  /** One value of the sweep file at its place in the run file. */
  #layerOf({ path, value, at }: Setting): Layer {
    const { places } = this.#reading;
    const around = path.slice(0, -1);
    const inner = layerOfFile(this.#file, value, places, at);
    return {
      value: path.reduceRight<unknown>((field, step) => ({ [step]: field }), value),
      // Everything above the value is where its key is.
      originOf: (place) => inner.originOf(place.length > around.length ? place.slice(path.length) : []),
    };
  }

  #seedLayer(seed: string): Layer {
    const at = this.#reading.places.has('seeds') ? ['seeds'] : [];
    const inner = layerOfFile(this.#file, seed, this.#reading.places, at);
    const value = /^\d{1,15}$/.test(seed) ? Number(seed) : seed;
    return { value: { seed: value }, originOf: () => inner.originOf([]) };
  }

  #complain(path: Path, message: string, isKey = false): void {
    const { places } = this.#reading;
    let length = path.length;
    while (length > 0 && !places.has(pathText(path.slice(0, length)))) length--;
    const place = places.get(pathText(path.slice(0, length)));
    // What is missing is missing in what is around it, and that is found by its key.
    const { line, column } = (isKey || length < path.length ? place?.key : place?.value) ?? {
      line: 1,
      column: 1,
    };
    this.#add({ path: pathText(path), at: `${this.#file}:${line}:${column}`, message });
  }

  #add(problem: Problem): void {
    const isKnown = this.#problems.some(
      ({ path, at, message }) => path === problem.path && at === problem.at && message === problem.message,
    );
    if (!isKnown) this.#problems.push(problem);
  }

  failIfAny(): void {
    const problems = this.#problems;
    if (problems.length === 0) return;
    problems.sort((a, b) => orderOf(this.#file, a) - orderOf(this.#file, b));
    const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`;
    const lines = problems.map(
      ({ at, path, message }) => `  ${at}  ${path === '' ? '' : `${path}: `}${message}`,
    );
    throw new Fault('SWEEP_FILE_INVALID', `${count} wrong in ${this.#file}:\n${lines.join('\n')}`, {
      facts: { file: this.#file, problems },
      hint: 'docs/sweeps.md says what is in a sweep file, docs/run-files.md what a run can be.',
    });
  }
}

/** The sweep file's own mistakes in the order of its lines, then those of the base. */
function orderOf(file: string, { at }: Problem): number {
  const [, line, column] = /:(\d+):(\d+)$/.exec(at) ?? [];
  const own = at.startsWith(`${file}:`) ? 0 : 1e9;
  return own + Number(line ?? 0) + Number(column ?? 0) / 1e6;
}
