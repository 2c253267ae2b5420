import { describe, expect, test } from 'vitest';
import { runSource } from './run-source.ts';

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

// flobc-cnn with Adam holds most, and takes half a minute of computing; mlp-200 shows a leak of sessions, buffers,
// messages or threads just as well.
const models = process.env.FLOBC_LONG === '1' ? ['mlp-200', 'flobc-cnn'] : ['mlp-200'];

describe('training 100 shards of 600 examples one after the other', () => {
  test.each(models)(
    '%s: below 800 MB, and no growth from the 10th shard to the 100th',
    { timeout: 600_000 },
    async (name) => {
      const { code, stdout, stderr } = await runSource(
        'test/integration/learning-memory.ts',
        [name],
        ['--expose-gc'],
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { rssBytes, peakBytes } = JSON.parse(stdout) as { rssBytes: number[]; peakBytes: number };
      console.info(
        `${name}: ${rssBytes.map(megabytes).join(', ')} after every tenth shard; at most ${megabytes(peakBytes)}`,
      );
      expect(rssBytes).toHaveLength(10);
      expect(peakBytes).toBeLessThan(800e6);
      expect(rssBytes.at(-1)! / rssBytes[0]!).toBeLessThan(1.05);
    },
  );
});
