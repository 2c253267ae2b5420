import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Agenda, type Item } from './agenda.ts';

const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add'), number: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cancel'), number: fc.nat(2_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take'), number: fc.constant(0) }) },
);

test('it gives what a sorted list would give, whatever is called off', () => {
  fc.assert(
    // Long enough that dead items are cleared away in between.
    fc.property(fc.array(act, { minLength: 1_500, maxLength: 3_000 }), (acts) => {
      const agenda = new Agenda<number>();
      const items: Item<number>[] = [];
      let list: { atMs: number; what: number }[] = [];
      const take = () => {
        list.sort((a, b) => a.atMs - b.atMs || a.what - b.what);
        expect(agenda.take()).toEqual(list.shift());
      };
      for (const { kind, number } of acts) {
        if (kind === 'add') {
          list.push({ atMs: number, what: items.length });
          items.push(agenda.add(number, items.length));
        } else if (kind === 'cancel' && number < items.length) {
          list = list.filter(({ what }) => what !== number);
          agenda.cancel(items[number]!);
        } else if (kind === 'take') {
          take();
        }
        expect(agenda.size).toBe(list.length);
      }
      while (list.length > 0) take();
      expect(agenda.take()).toBeUndefined();
    }),
    { numRuns: 15 },
  );
});

test('timers that are set anew all the time take no memory', () => {
  const agenda = new Agenda<number>();
  const items = Array.from({ length: 1_000 }, (_, i) => agenda.add(i, i));
  for (let i = 0; i < 100_000; i++) {
    const at = i % items.length;
    agenda.cancel(items[at]!);
    items[at] = agenda.add(i, at);
  }
  expect(agenda.size).toBe(items.length);
  expect(agenda.length).toBeLessThan(3 * items.length);
});
