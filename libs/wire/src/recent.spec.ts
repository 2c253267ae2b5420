import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

/** What `Recent` has to be, as a list with the entry used last at its end. */
class Reference {
  entries: [number, number][] = [];

  get(key: number): number | undefined {
    const found = this.entries.find(([one]) => one === key);
    if (found !== undefined) this.entries = [...this.entries.filter((entry) => entry !== found), found];
    return found?.[1];
  }

  set(key: number, value: number, capacity: number): void {
    this.entries = [...this.entries.filter(([one]) => one !== key), [key, value] as [number, number]].slice(
      -capacity,
    );
  }
}

test('keeps the entries used last', () => {
  const uses = fc.array(fc.tuple(fc.boolean(), fc.nat(9), fc.nat()), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), uses, (capacity, list) => {
      const recent = new Recent<number, number>(capacity);
      const reference = new Reference();
      for (const [isGet, key, value] of list) {
        if (isGet) expect(recent.get(key)).toBe(reference.get(key));
        else {
          recent.set(key, value);
          reference.set(key, value, capacity);
        }
        expect(recent.size).toBe(reference.entries.length);
      }
    }),
  );
});
