import {
  alternativesOf,
  childOf,
  fieldsOf,
  isMapping,
  opened,
  type Path,
  pathText,
  type Schema,
} from './shape.ts';
import type { Position } from './yaml.ts';

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' }
  /** A default that was worked out from other values. */
  | { readonly kind: 'derived'; readonly from: string }
  | { readonly kind: 'preset'; readonly name: string; readonly why: string }
  | { readonly kind: 'file'; readonly file: string; readonly key: Position; readonly value: Position }
  | { readonly kind: 'override'; readonly text: string }
  | { readonly kind: 'environment'; readonly variable: string };

/** Values from one source; where one of them came from is asked by the path that they have in it. */
export interface Layer {
  readonly value: unknown;
  readonly originOf: (path: Path) => Origin;
}

/** Several layers as one value; the origin of everything in it by `pathText`. */
export interface Merged {
  readonly value: unknown;
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Puts layers over each other, the last on top. Mappings are merged key by key; everything else, lists too, is
 * replaced as a whole. Where two layers name different alternatives, the upper one replaces the lower as a whole: the
 * parameters of another scheme mean nothing to this one. In an override a number names a place in a list.
 */
export function mergeLayers(schema: Schema, layers: readonly Layer[]): Merged {
  let merged: Tree | undefined;
  for (const { value, originOf } of layers) {
    const tree = treeOf(schema, value, [], originOf);
    merged = merged ? over(schema, merged, tree) : tree;
  }
  const origins = new Map<string, Origin>();
  return { value: merged && plain(merged, [], origins), origins };
}

/** A value every part of which knows its origin. */
interface Tree {
  readonly origin: Origin;
  readonly content:
    | { readonly kind: 'leaf'; readonly value: unknown }
    | { readonly kind: 'list'; readonly items: readonly Tree[] }
    | { readonly kind: 'mapping'; readonly fields: ReadonlyMap<string, Tree> };
}

function treeOf(schema: Schema | undefined, value: unknown, path: Path, originOf: Layer['originOf']): Tree {
  const origin = originOf(path);
  const short = schema && shorthandOf(schema, value);
  if (short !== undefined) {
    // The shorthand is one value at one place; what it stands for has the origin of that place.
    const fields = new Map([
      [short, treeOf(childOf(schema!, { [short]: value }, short), value, path, originOf)],
    ]);
    return { origin, content: { kind: 'mapping', fields } };
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, i) =>
      treeOf(schema && childOf(schema, value, i), item, [...path, i], originOf),
    );
    return { origin, content: { kind: 'list', items } };
  }
  if (isMapping(value)) {
    const fields = new Map<string, Tree>();
    for (const [key, field] of Object.entries(value))
      // A key without a value asks for what holds without it.
      if (field !== null)
        fields.set(key, treeOf(schema && childOf(schema, value, key), field, [...path, key], originOf));
    return { origin, content: { kind: 'mapping', fields } };
  }
  return { origin, content: { kind: 'leaf', value } };
}

/** The key that a value of another kind than a mapping stands for at this place. */
function shorthandOf(schema: Schema, value: unknown): string | undefined {
  const { shorthand } = opened(schema).meta;
  const isShort = shorthand !== undefined && fieldsOf(schema, value) && !isMapping(value);
  return isShort && !Array.isArray(value) && value !== null && value !== undefined ? shorthand : undefined;
}

function over(schema: Schema | undefined, lower: Tree, upper: Tree): Tree {
  const [below, above] = [lower.content, upper.content];
  if (above.kind !== 'mapping') return upper;
  if (below.kind === 'list') return patched(schema, lower, below.items, above.fields) ?? upper;
  if (below.kind !== 'mapping' || namesAnother(schema, below.fields, above.fields)) return upper;
  const fields = new Map(below.fields);
  for (const [key, field] of above.fields) {
    const under = fields.get(key);
    fields.set(key, under ? over(schema && childOf(schema, plain(lower), key), under, field) : field);
  }
  return { origin: upper.origin, content: { kind: 'mapping', fields } };
}

/** A list with some of its items changed, where all keys are indices of it or the one after its last. */
function patched(
  schema: Schema | undefined,
  lower: Tree,
  items: readonly Tree[],
  fields: ReadonlyMap<string, Tree>,
): Tree | undefined {
  const changed = [...items];
  for (const [key, field] of fields) {
    if (!/^\d+$/.test(key) || Number(key) > changed.length) return undefined;
    const under = changed[Number(key)];
    changed[Number(key)] = under ? over(schema && childOf(schema, [], Number(key)), under, field) : field;
  }
  return { origin: lower.origin, content: { kind: 'list', items: changed } };
}

function namesAnother(
  schema: Schema | undefined,
  lower: ReadonlyMap<string, Tree>,
  upper: ReadonlyMap<string, Tree>,
): boolean {
  if (!schema) return false;
  const key = alternativesOf(schema)?.key ?? opened(schema).meta.replacedBy;
  const [below, above] = key === undefined ? [] : [lower.get(key), upper.get(key)];
  return below !== undefined && above !== undefined && plain(below) !== plain(above);
}

function plain(tree: Tree, path: Path = [], origins?: Map<string, Origin>): unknown {
  origins?.set(pathText(path), tree.origin);
  const { content } = tree;
  switch (content.kind) {
    case 'leaf':
      return content.value;
    case 'list':
      return content.items.map((item, i) => plain(item, [...path, i], origins));
    case 'mapping': {
      const mapping: Record<string, unknown> = {};
      for (const [key, field] of content.fields)
        Object.defineProperty(mapping, key, {
          value: plain(field, [...path, key], origins),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      return mapping;
    }
  }
}
