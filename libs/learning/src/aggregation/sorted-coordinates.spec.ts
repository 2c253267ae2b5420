import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidate } from './rounds.fixture.ts';
import { eachSortedTile, sortingNetwork } from './sorted-coordinates.ts';

test('the network sorts all zeros and ones, and therefore everything', () => {
  // The zero-one principle (Knuth, section 5.3.4, theorem Z).
  for (let n = 1; n <= 12; n++) {
    const network = sortingNetwork(n);
    for (let input = 0; input < 2 ** n; input++) {
      const bits = Array.from({ length: n }, (_, i) => (input >> i) & 1);
      for (const [a, b] of network)
        [bits[a], bits[b]] = [Math.min(bits[a]!, bits[b]!), Math.max(bits[a]!, bits[b]!)];
      if (bits.some((bit, i) => i > 0 && bit < bits[i - 1]!))
        expect.fail(`${input.toString(2)} of ${n} values`);
    }
  }
});

test('every coordinate is sorted as the engine sorts it, for any number of updates and parameters', () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true });
  const sizes = fc.tuple(fc.integer({ min: 1, max: 70 }), fc.constantFrom(0, 1, 3, 1023, 1024, 1025, 2051));
  fc.assert(
    fc.property(sizes, fc.array(value, { minLength: 1, maxLength: 97 }), ([n, length], pool) => {
      const all = Array.from({ length: n }, (_, i) =>
        candidate(
          i,
          Float32Array.from({ length }, (_, k) => pool[(i * 31 + k * 17) % pool.length]!),
        ),
      );
      let reached = 0;
      eachSortedTile(all, (rows, start, count) => {
        expect(start).toBe(reached);
        reached += count;
        for (let k = 0; k < count; k++) {
          const column = Float32Array.from(all, ({ delta }) => delta[start + k]!).sort();
          for (let j = 0; j < n; j++) {
            if (!Object.is(rows[j]![k], column[j])) expect.fail(`rank ${j} of coordinate ${start + k}`);
          }
        }
      });
      expect(reached).toBe(length);
    }),
    { numRuns: 60 },
  );
});
