import { describe, expect, test, vi } from 'vitest';
import { blockOf, DOCUMENT_ROUNDS, exampleBlocks, readDocument, tables } from './document.ts';
import { renderTable, renderTrainers } from './incentives.ts';

const REWRITE = 'after a change of a formula: node --conditions=source test/policies/document.ts';
const rounds = Number(process.env.FLOBC_POLICY_ROUNDS ?? 250);
// The long form takes minutes a test.
vi.setConfig({ testTimeout: 600_000 });

describe('docs/policies.md', () => {
  const document = readDocument();

  test.each(Object.entries(exampleBlocks))('works the example "%s" as the policies do', (name, render) => {
    // Tables may be padded by a formatter.
    const plain = (text: string) => text.trim().replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
    expect(plain(blockOf(document, name)), REWRITE).toBe(plain(render()));
  });

  test('says what becomes of Trainers', () => {
    expect(numbersOf(blockOf(document, 'trainers')), REWRITE).toEqual(numbersOf(renderTrainers()));
  });

  /** Fewer rounds than the document's: a number may differ by what both intervals allow, thrice, for 250 numbers. */
  test.each(Object.entries(tables))('measured "%s" as it is now', (name, table) => {
    const stated = measuresOf(blockOf(document, name));
    const now = measuresOf(renderTable(table(rounds)));
    expect(stated).toHaveLength(now.length);
    stated.forEach(({ mean, half }, i) => {
      const here = now[i]!;
      const allowed = rounds === DOCUMENT_ROUNDS ? 0.11 : 3 * Math.hypot(half, here.half) + 1;
      expect(Math.abs(mean - here.mean), `number ${i} of "${name}"; ${REWRITE}`).toBeLessThanOrEqual(allowed);
    });
  });
});

const numbersOf = (text: string) => text.match(/-?\d+(\.\d+)?/g)?.map(Number);

const measuresOf = (text: string) =>
  [...text.matchAll(/(-?\d+\.\d) ± (\d+\.\d)/g)].map(([, mean, half]) => ({
    mean: Number(mean),
    half: Number(half),
  }));
