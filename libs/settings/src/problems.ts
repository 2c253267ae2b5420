import type { z } from 'zod';
import { nearest } from '#libs/fault';
import {
  alternativesOf,
  childOf,
  fieldsOf,
  formOf,
  isMapping,
  opened,
  type Path,
  pathText,
  type Schema,
} from './shape.ts';

/** One thing that is wrong with a file that somebody has written. */
export interface Problem {
  /** In the words of the file: `training.batchSize`. */
  readonly path: string;
  /** Where it was said: `quickstart.yaml:7:3`, a preset, an override, a variable of the environment. */
  readonly at: string;
  readonly message: string;
}

/** A problem whose place is not looked up yet; `isKey`: it is the key that is wrong, not the value. */
export interface Finding {
  readonly path: Path;
  readonly isKey: boolean;
  readonly message: string;
}

/** What the schema found, in words: what is expected and what is there, or the nearest key that is known. */
export function findingsOf(
  issues: readonly z.core.$ZodIssue[],
  root: Schema,
  value: unknown,
  prefix: Path,
): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = [...prefix, ...(issue.path as Path)];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(root, value, path, key));
    const place = expectedAt(root, value, path);
    return [{ path: place.path, isKey: false, message: mismatch(place.schema, place.value) }];
  });
}

/** A key that is not known where it is. */
export function unknownKey(root: Schema, value: unknown, path: Path, key: string): Finding {
  const { schema, value: at } = walk(root, value, path);
  const known = Object.keys(fieldsOf(schema, at) ?? {});
  const near = nearest(key, known);
  const elsewhere = near === undefined ? placesOf(root, key) : [];
  const advice =
    near !== undefined
      ? `is ${near} meant?`
      : elsewhere.length > 0
        ? `it belongs to ${elsewhere.slice(0, 3).join(', or ')}`
        : `known are ${known.join(', ')}`;
  return { path: [...path, key], isKey: true, message: `unknown key; ${advice}` };
}

function mismatch(schema: Schema, value: unknown): string {
  const alternatives = alternativesOf(schema);
  if (alternatives && isMapping(value)) return otherAlternative(alternatives, value[alternatives.key]);
  const form = formOf(schema);
  if (value === undefined) return `missing; expected ${form}`;
  const near = typeof value === 'string' ? nearest(value, wordsOf(schema)) : undefined;
  return `expected ${form}, not ${shownAs(schema, value)}${near === undefined ? '' : `; is ${near} meant?`}`;
}

function otherAlternative(
  { key, options }: { key: string; options: ReadonlyMap<string, unknown> },
  given: unknown,
): string {
  const names = [...options.keys()];
  if (given === undefined) return `${key} is missing; expected one of ${names.join(', ')}`;
  const near = typeof given === 'string' ? nearest(given, names) : undefined;
  return `expected one of ${names.join(', ')}, not ${shown(given)}${near === undefined ? '' : `; is ${near} meant?`}`;
}

/** The words that may stand at a place. */
function wordsOf(schema: Schema): string[] {
  const { inner } = opened(schema);
  return 'options' in inner && Array.isArray(inner.options)
    ? inner.options.filter((o) => typeof o === 'string')
    : [];
}

/** The innermost place on the path that says what is expected: a unit's form speaks for what is inside it. */
function expectedAt(
  root: Schema,
  value: unknown,
  path: Path,
): { path: Path; schema: Schema; value: unknown } {
  let at = { path: [] as Path, schema: root, value };
  for (const step of path) {
    if (opened(at.schema).meta.form !== undefined) return at;
    const alternatives = alternativesOf(at.schema);
    // That the alternative is not known is said of its key.
    if (alternatives?.key === step && at.path.length === path.length - 1) {
      return isMapping(at.value) && at.value[step] !== undefined ? { ...at, path } : at;
    }
    const child = childOf(at.schema, at.value, step);
    if (!child) return at;
    const next =
      isMapping(at.value) || Array.isArray(at.value)
        ? (at.value as Record<string, unknown>)[step]
        : undefined;
    at = { path: [...at.path, step], schema: child, value: next };
  }
  return at;
}

function walk(root: Schema, value: unknown, path: Path): { schema: Schema; value: unknown } {
  let at = { schema: root, value };
  for (const step of path) {
    const child = childOf(at.schema, at.value, step);
    if (!child) return at;
    at = { schema: child, value: (at.value as Record<string | number, unknown>)[step] };
  }
  return at;
}

/** Where in the whole file a key of this name would be right. */
function placesOf(root: Schema, key: string): string[] {
  const places: string[] = [];
  const visit = (schema: Schema, path: Path): void => {
    if (path.length > 6) return;
    const { inner } = opened(schema);
    if ('element' in inner) visit(inner.element as Schema, path);
    for (const [name, field] of Object.entries(fieldsOf(schema, undefined) ?? {})) {
      if (name === key && path.length > 0) places.push(pathText(path));
      visit(field, [...path, name]);
    }
  };
  visit(root, []);
  return [...new Set(places)];
}

/** What is secret is not shown where it is wrong either. */
const shownAs = (schema: Schema, value: unknown): string =>
  opened(schema).meta.secret === undefined ? shown(value) : 'what is there';

/** A value in a message, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'nothing';
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
