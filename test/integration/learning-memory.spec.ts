import { describe, expect, test } from 'vitest';
import { runSource } from './run-source.ts';

// The allocator gives pages back when it likes, so one figure says little; the middle one of twenty is steady.
// A vector of parameters leaked a shard would be 57 MB from the one to the other.
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

// flobc-cnn with Adam holds most, and takes half a minute of computing; mlp-200 shows a leak of sessions, buffers,
// messages or threads just as well.
const models = process.env.FLOBC_LONG === '1' ? ['mlp-200', 'flobc-cnn'] : ['mlp-200'];

describe('training 100 shards of 600 examples one after the other', () => {
  test.each(models)(
    '%s: below 800 MB, and no growth from the 10th shard to the 100th',
    { timeout: 600_000 },
    async (name) => {
      const { code, stdout, stderr } = await runSource('test/integration/learning-memory.ts', [name], {
        nodeOptions: ['--expose-gc'],
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { rssBytes, peakBytes } = JSON.parse(stdout) as { rssBytes: number[]; peakBytes: number };
      const [early, late] = [middle(rssBytes.slice(0, 20)), middle(rssBytes.slice(-20))];
      console.info(
        `${name}: ${megabytes(early)} after shards 10 to 29, ${megabytes(late)} after 81 to 100, at most ${megabytes(peakBytes)}`,
      );
      expect(rssBytes).toHaveLength(91);
      expect(peakBytes).toBeLessThan(800e6);
      expect(late / early).toBeLessThan(1.05);
    },
  );
});
