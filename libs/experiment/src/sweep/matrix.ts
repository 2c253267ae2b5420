import type { Json } from '../plan/canonical.ts';
import { isMapping, type Path } from '#libs/settings';
import type { SweepSettings } from './schema.ts';

/** One value of a run file that a trial sets, and where the sweep file says so. */
export interface Setting {
  /** In the run file, as in --set: `['trainers', 'count']`. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** In the sweep file. */
  readonly at: Path;
}

/** One value of an axis. */
export interface Choice {
  /** What it is called in tables and figures; another one for each value of the axis. */
  readonly label: string;
  /** The value itself; of a named patch its name. */
  readonly value: Json;
  readonly settings: readonly Setting[];
}

/** Something that is varied. */
export interface Axis {
  readonly name: string;
  /** True where names stand for several keys at once. */
  readonly isNamed: boolean;
  readonly choices: readonly Choice[];
}

export const stepsOf = (key: string): string[] => key.split('.').map((step) => step.trim());

/** A key may be a path, and a patch may be nested; below a path everything is the value. */
export const settingsOf = (patch: Readonly<Record<string, unknown>>, at: Path): Setting[] =>
  Object.entries(patch).map(([key, value]) => ({ path: stepsOf(key), value, at: [...at, key] }));

/** The axes of a matrix, in the order in which the file has them. */
export function axesOf(matrix: SweepSettings['matrix']): Axis[] {
  return Object.entries(matrix).map(([name, given]) => {
    const at = ['matrix', name];
    if (!Array.isArray(given)) {
      const choices = Object.entries(given).map(([label, patch]) => ({
        label,
        value: label,
        settings: settingsOf(patch, [...at, label]),
      }));
      return { name, isNamed: true, choices };
    }
    const labels = labelsOf(given);
    const choices = given.map((value, i) => ({
      label: labels[i]!,
      value: value as Json,
      settings: [{ path: stepsOf(name), value, at: [...at, i] }],
    }));
    return { name, isNamed: false, choices };
  });
}

/** A mapping is called by its kind or name where that tells it from the others, and by all that it says otherwise. */
function labelsOf(values: readonly unknown[]): string[] {
  const short = values.map((value) => {
    if (!isMapping(value)) return textOf(value);
    const { kind, name } = value;
    return typeof kind === 'string' ? kind : typeof name === 'string' ? name : textOf(value);
  });
  const isClear = new Set(short).size === short.length;
  return isClear ? short : values.map(textOf);
}

/** On one line, as YAML writes it. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (!isMapping(value))
    return value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${textOf(field)}`);
  return `{ ${fields.join(', ')} }`;
}

/** A combination of choices, one of each axis. */
export type Combination = readonly Choice[];

/** All combinations, the last axis fastest, without those that are excluded. */
export function combinationsOf(axes: readonly Axis[], exclude: SweepSettings['exclude']): Combination[] {
  let all: Choice[][] = [[]];
  for (const { choices } of axes)
    all = all.flatMap((combination) => choices.map((choice) => [...combination, choice]));
  return all.filter((combination) => !exclude.some((rule) => isMatch(axes, combination, rule)));
}

/** A rule without axes excludes nothing. */
function isMatch(
  axes: readonly Axis[],
  combination: Combination,
  rule: SweepSettings['exclude'][number],
): boolean {
  const entries = Object.entries(rule);
  return (
    entries.length > 0 &&
    entries.every(([name, wanted]) => {
      const choice = combination[axes.findIndex((axis) => axis.name === name)];
      const values = Array.isArray(wanted) ? wanted : [wanted];
      return choice !== undefined && values.some((value) => isCalled(choice, value));
    })
  );
}

/** True where a value, as a file or an expectation has it, names this choice. */
export const isCalled = ({ label, value }: Choice, wanted: string | number | boolean): boolean =>
  value === wanted || label === String(wanted);
