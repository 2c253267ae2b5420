import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault, faultCodes, isFault } from './fault.ts';
import { nearest } from './nearest.ts';

const pages = fileURLToPath(new URL('../../../docs/errors', import.meta.url));

describe('docs/errors', () => {
  test('has a page for every code, and no other', () => {
    expect(readdirSync(pages).sort()).toEqual(faultCodes.map((code) => `${code}.md`));
  });

  test.each(faultCodes)('%s.md has its code as title, and says what to do', (code) => {
    const page = readFileSync(`${pages}/${code}.md`, 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${code}`);
    expect(page).toMatch(/what to do/i);
  });
});

describe('a fault', () => {
  test('carries code, facts, hint and cause', () => {
    const cause = new Error('ENOENT');
    const fault = new Fault('DATA_MISSING', 'there is no file x', {
      facts: { path: 'x' },
      hint: 'Make one.',
      cause,
    });
    expect(isFault(fault)).toBe(true);
    expect(fault).toMatchObject({
      name: 'Fault',
      code: 'DATA_MISSING',
      facts: { path: 'x' },
      hint: 'Make one.',
      cause,
    });
    expect(String(fault)).toBe('Fault: there is no file x');
  });

  test('has no cause where there is none, and no facts but an empty record', () => {
    const fault = new Fault('DATA_MISSING', 'there is no file x', { hint: 'Make one.' });
    expect(fault.facts).toEqual({});
    expect('cause' in fault).toBe(false);
  });

  test('is told from other errors', () => {
    expect([new Error('x'), { code: 'DATA_MISSING' }, null, 'DATA_MISSING'].map(isFault)).toEqual(
      Array(4).fill(false),
    );
  });

  test('codes are unique and in order', () => {
    expect(faultCodes).toEqual([...new Set(faultCodes)].sort());
  });
});

describe('nearest', () => {
  const known = ['crossEntropy', 'binaryCrossEntropy', 'meanSquaredError', 'mse', 'relu', 'relu6', 'tanh'];

  test.each([
    ['crossEntrop', 'crossEntropy'],
    ['CROSSENTROPY', 'crossEntropy'],
    ['binaryCrosentropy', 'binaryCrossEntropy'],
    ['reluu', 'relu'],
    ['tahn', 'tanh'],
    ['msr', 'mse'],
    ['relu6', 'relu6'],
  ])('%s is meant as %s', (name, meant) => {
    expect(nearest(name, known)).toBe(meant);
  });

  test.each(['', 'x', 'foo', 'gelu9x', 'somethingElse'])('nothing is meant by "%s"', (name) => {
    expect(nearest(name, known)).toBeUndefined();
  });

  test('without known names there is none', () => {
    expect(nearest('relu', [])).toBeUndefined();
  });

  const word = fc.stringMatching(/^[a-z]{4,12}$/);
  test('finds a name again in which one letter was changed, added, left out or doubled', () => {
    const slip = fc.record({
      name: word,
      at: fc.nat(),
      letter: fc.stringMatching(/^[a-z]$/),
      kind: fc.nat(3),
    });
    fc.assert(
      fc.property(slip, ({ name, at, letter, kind }) => {
        const i = at % name.length;
        const rest = [name.slice(i + 1), name.slice(i), name.slice(i + 1), name.slice(i)][kind]!;
        const put = [letter, letter, '', name[i]!][kind]!;
        expect(nearest(name.slice(0, i) + put + rest, [name, '0123456789'])).toBe(name);
      }),
    );
  });

  test('of several, it is one with the fewest edits: a known name is itself', () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1 }), (names) => {
        for (const name of names) expect(nearest(name, names)).toBe(name);
      }),
    );
  });
});
