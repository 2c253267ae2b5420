import { z } from 'zod';
import type { Schema } from './shape.ts';

type Node = Record<string, unknown>;

/**
 * A schema for editors (JSON Schema, draft 7): what a file's own schema says, with the shorthands that are read besides.
 * Editors find it by the first line of a file.
 */
export function jsonSchemaOf(schema: Schema, title: string, description: string): Node {
  const made = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  const { $schema: _dialect, ...rest } = transformed(made) as Node;
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, description, ...rest };
}

/** Turns what our schemas say about themselves into what JSON Schema has words for, from the inside out. */
function transformed(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(transformed);
  if (typeof given !== 'object' || given === null) return given;
  const node = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, transformed(value)]));
  const {
    form,
    derived,
    shorthand,
    fallback,
    unit: _unit,
    replacedBy: _replacedBy,
    secret: _secret,
    ...rest
  } = node;
  const says = [
    rest.description,
    form && `Expected: ${text(form)}.`,
    derived && `Default: ${text(derived)}.`,
  ];
  if (says.some(Boolean)) rest.description = says.filter(Boolean).map(text).join(' ');
  if (typeof fallback === 'string') relax(rest, fallback);
  return typeof shorthand === 'string' ? withShorthand(rest, shorthand) : rest;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The alternative that holds by default need not be named. */
function relax({ oneOf, anyOf }: Node, fallback: string): void {
  for (const branch of (oneOf ?? anyOf ?? []) as Node[]) {
    const tag = tagOf(branch);
    if (tag?.value === fallback)
      branch.required = (branch.required as string[]).filter((key) => key !== tag.key);
    if (Array.isArray(branch.required) && branch.required.length === 0) delete branch.required;
  }
}

/** The key and the value by which an alternative is told from the others. */
function tagOf({ properties }: Node): { key: string; value: string } | undefined {
  for (const [key, { const: value }] of Object.entries((properties ?? {}) as Record<string, Node>))
    if (typeof value === 'string') return { key, value };
  return undefined;
}

/** A mapping, or what stands for it. */
function withShorthand(node: Node, key: string): Node {
  const { description, default: preset, ...mapping } = node;
  const branches = (mapping.oneOf ?? mapping.anyOf) as Node[] | undefined;
  const short = branches
    ? { enum: branches.map((branch) => tagOf(branch)?.value) }
    : alone((mapping.properties as Record<string, Node>)[key]!);
  return {
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    anyOf: [short, mapping],
  };
}

/** What stands for a mapping is no mapping itself: of a key that has a shorthand, only that. */
function alone(node: Node): Node {
  const [short, mapping] = (node.anyOf ?? []) as Node[];
  return short && mapping && (mapping.oneOf !== undefined || mapping.properties !== undefined) ? short : node;
}
