import type { Layer, Origin } from './layers.ts';
import { alternativesOf, childOf, isMapping, opened, type Path, pathText, type Schema } from './shape.ts';
import type { Reading } from './yaml.ts';

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

/** Orders places: those of the file by line and column, then all others. */
export function lineOf(origin: Origin, ofKey: boolean): number {
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
    case 'environment':
      return origin.variable;
    case 'derived':
    case 'default':
      return 'default';
  }
}

/** Names the alternative that holds where a mapping does not, so that its other keys are read. */
export function withFallbacks(schema: Schema | undefined, value: unknown): unknown {
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

/** Where every value came from, those of defaults included. */
export function allOrigins(
  root: Schema,
  settings: unknown,
  given: ReadonlyMap<string, Origin>,
): Map<string, Origin> {
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
  visit(root, settings, []);
  return origins;
}
