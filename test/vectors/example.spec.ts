import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { protocolPage, withComputedParts } from './example.ts';

const page = readFileSync(protocolPage, 'utf8');

test('the numbers in docs/protocol.md are what step computes', () => {
  expect(page).toBe(withComputedParts(page));
});

test.each(['inputs', 'events', 'effects'])('docs/protocol.md names all %s', (file) => {
  const source = readFileSync(new URL(`../../libs/protocol/src/${file}.ts`, import.meta.url), 'utf8');
  const kinds = [...source.matchAll(/readonly kind: ((?:'\w+'(?: \| )?)+)/g)].flatMap(([, union]) =>
    [...union!.matchAll(/\w+/g)].map(([kind]) => kind),
  );
  expect(kinds.length).toBeGreaterThan(15);
  expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
});
