import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Document,
} from 'yaml';
import { type Path, pathText } from './shape.ts';

/** A place in a text, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What a YAML text says, as plain data, and where it says it. */
export interface Reading {
  readonly value: unknown;
  /** By path, in the form of `pathText`: where the value is, and its key. */
  readonly places: ReadonlyMap<string, { readonly key: Position; readonly value: Position }>;
  readonly problems: readonly { readonly at: Position; readonly message: string }[];
}

/** Deeper than any run file, and less than what a parser's own stack bears. */
const maxDepth = 32;

/** Reads YAML 1.2: no merge keys, no custom tags, no key twice. Never throws; all problems at once. */
export function readYaml(text: string): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const reader = new Reader(document, positionAt);
  for (const { pos, message } of [...document.errors, ...document.warnings])
    reader.problems.push({ at: positionAt(pos[0]), message: firstLine(message) });
  const value = document.errors.length > 0 ? undefined : reader.read(document.contents, [], undefined);
  return { value, places: reader.places, problems: reader.problems };
}

const firstLine = (message: string) => message.split('\n')[0]!;

class Reader {
  readonly places = new Map<string, { key: Position; value: Position }>();
  readonly problems: { at: Position; message: string }[] = [];
  readonly #document: Document.Parsed;
  readonly #positionAt: (offset: number) => Position;

  constructor(document: Document.Parsed, positionAt: (offset: number) => Position) {
    this.#document = document;
    this.#positionAt = positionAt;
  }

  read(given: ParsedNode | Node | null, path: Path, key: Position | undefined): unknown {
    const at = this.#positionAt(given?.range?.[0] ?? 0);
    this.places.set(pathText(path), { key: key ?? at, value: given === null && key ? key : at });
    if (path.length > maxDepth) {
      this.problems.push({ at, message: `nested deeper than ${maxDepth} levels` });
      return null;
    }
    const node = isAlias(given) ? given.resolve(this.#document) : given;
    if (isMap(node)) return this.#mapping(node.items, path);
    if (isSeq(node)) return node.items.map((item, i) => this.read(item as Node, [...path, i], undefined));
    return isScalar(node) ? node.value : null;
  }

  #mapping(items: readonly { key: unknown; value: unknown }[], path: Path): Record<string, unknown> {
    // No prototype: a key called __proto__ is a key like any other.
    const mapping = Object.create(null) as Record<string, unknown>;
    for (const { key, value } of items) {
      const at = this.#positionAt((key as Node | null)?.range?.[0] ?? 0);
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== 'string') {
        this.problems.push({ at, message: 'a key has to be a word' });
        continue;
      }
      mapping[name] = this.read(value as Node | null, [...path, name], at);
    }
    return mapping;
  }
}
