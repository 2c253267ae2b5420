import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bodies, kinds } from './bodies.ts';
import { openPost } from './check.ts';
import { encodeMessage } from './message.ts';
import { domain, examples, signer } from './messages.fixture.ts';
import { refusalCodes } from './refusal.ts';
import { maxSizeBytes } from './scan.ts';
import { structOf, structs } from './statements.ts';

// docs/messages.md is read by people who write another implementation: it has to be right.

const document = readFileSync(new URL('../../../docs/messages.md', import.meta.url), 'utf8');

/** Cells of the rows of a section's table; words in backticks as lists. */
const rows = (section: string) =>
  document
    .split(`\n## ${section}\n`)[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1));
const words = (cell = '') => [...cell.matchAll(/`([^`]*)`/g)].map(([, word]) => word!);

test('kinds, their fields, what is signed, and their sizes', () => {
  const stated = rows('Kinds').map(([kind, fields, signed, bytes]) => ({
    kind: words(kind)[0],
    fields: words(fields),
    signed: words(signed)[0],
    bytes: Number(bytes),
  }));
  const actual = kinds.map((kind) => {
    const message = openPost(domain).sign(signer, kind, examples[kind]);
    const { name } = structOf(domain, message).struct;
    return { kind, fields: bodies[kind].names, signed: name, bytes: encodeMessage(message).length };
  });
  expect(stated).toEqual(actual);
});

test('types that are signed', () => {
  const stated = document.split('\n').filter((line) => /^ {4}[A-Z]/.test(line));
  expect(stated.map((line) => line.trim())).toEqual(Object.values(structs).map(({ type }) => type));
});

test('refusals', () => {
  expect(rows('Refusals').flatMap(([codes]) => words(codes))).toEqual(refusalCodes);
});

test('the longest message', () => {
  expect(document).toContain(`at most ${maxSizeBytes.toLocaleString('en')} bytes`);
});
