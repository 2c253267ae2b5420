import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drop, entriesOf, find, mapValues, put, sizeOf, type Table, tableOf, valuesOf } from './table.ts';

const key = fc.integer({ min: 0, max: 60 }).map((n) => `k${String(n).padStart(2, '0')}`);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), key }) },
);

/** Longest path, and a check that no side of any node is more than three times heavier than the other. */
function depth<V>(table: Table<V>): number {
  if (table === null) return 0;
  const left = sizeOf(table.left) + 1;
  const right = sizeOf(table.right) + 1;
  if (left + right > 2) expect(Math.max(left, right)).toBeLessThanOrEqual(3 * Math.min(left, right));
  return 1 + Math.max(depth(table.left), depth(table.right));
}

test('a table is a sorted map that stays balanced and never changes', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const model = new Map<string, number>();
      let table: Table<number> = null;
      for (const one of changes) {
        const before = table;
        const held = entriesOf(before);
        if (one.kind === 'put') {
          table = put(table, one.key, one.value);
          model.set(one.key, one.value);
        } else {
          table = drop(table, one.key);
          model.delete(one.key);
        }
        expect(entriesOf(before)).toEqual(held);
      }
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(entriesOf(table)).toEqual(sorted);
      expect(sizeOf(table)).toBe(model.size);
      for (const [k, value] of sorted) expect(find(table, k)).toBe(value);
      expect(find(table, 'absent')).toBeUndefined();
      depth(table);
    }),
  );
});

test('what does not change is shared', () => {
  const table = tableOf(
    Array.from({ length: 1000 }, (_, i) => [`k${String(i).padStart(4, '0')}`, i] as const),
  );
  expect(put(table, 'k0500', 500)).toBe(table);
  expect(drop(table, 'absent')).toBe(table);
  expect(drop(table, 'zzz')).toBe(table);
  expect(mapValues(table, (value) => value)).toBe(table);
  expect(valuesOf(mapValues(table, (value) => value + 1))[999]).toBe(1000);
  const nodes = (node: Table<number>): Table<number>[] =>
    node === null ? [] : [node, ...nodes(node.left), ...nodes(node.right)];
  const old = new Set(nodes(table));
  // A path from the root to the key, and nothing else, is new.
  expect(nodes(put(table, 'k0500', -1)).filter((node) => !old.has(node)).length).toBeLessThanOrEqual(
    depth(table),
  );
  expect(depth(table)).toBeLessThanOrEqual(20);
});
