import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, layOut } from './columns.ts';
import { line, textOf, widthOf } from './line.ts';

interface Row {
  readonly name: string;
  readonly amount: number;
}

const columns: Column<Row>[] = [
  { title: 'name', cell: ({ name }) => line(name) },
  { title: 'amount', align: 'right', cell: ({ amount }) => line(amount.toFixed(2)) },
  { title: 'twice', align: 'right', dispensable: 1, cell: ({ amount }) => line((2 * amount).toFixed(2)) },
];
const rows = [
  { name: 'a', amount: 1.5 },
  { name: 'bcdefg', amount: -1000.25 },
];
const shown = (width: number) => {
  const { head, body } = layOut(columns, rows, { width, ellipsis: '~' });
  return [head, ...body].map((of) => textOf(of).trimEnd());
};

describe('columns', () => {
  test('are as wide as what is in them, numbers to the right', () => {
    expect(shown(80)).toEqual([
      'name      amount     twice',
      'a           1.50      3.00',
      'bcdefg  -1000.25  -2000.50',
    ]);
  });

  test('go where there is no room, those that can be spared first; then what is left is cut', () => {
    expect(shown(25)).toEqual(['name      amount', 'a           1.50', 'bcdefg  -1000.25']);
    expect(shown(12)).toEqual(['name      a~', 'a          ~', 'bcdefg  -10~']);
  });

  test('are at least as wide as they are asked to be', () => {
    const [name] = columns;
    const { head } = layOut([{ ...name!, least: 12 }], rows, { width: 80, ellipsis: '~' });
    expect(widthOf(head)).toBe(12);
  });

  test('are never wider than they may be, and all of one width', () => {
    const row = fc.record({ name: fc.stringMatching(/^[a-z]{0,30}$/), amount: fc.integer() });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 90 }), (some, width) => {
        const { head, body } = layOut(columns, some, { width, ellipsis: '~' });
        expect(new Set([head, ...body].map(widthOf)).size).toBe(1);
        expect(widthOf(head)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
