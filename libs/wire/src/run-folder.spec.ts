import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actors, digests } from './messages.fixture.ts';
import {
  formatEventsHeader,
  formatManifest,
  type Manifest,
  parseEventsHeader,
  parseManifest,
} from './run-folder.ts';

const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const text = fc.string({ unit: 'binary' });

const manifests: fc.Arbitrary<Manifest> = fc.record({
  format: fc.constant('flobc.run' as const),
  version: fc.constant(1 as const),
  run: digests,
  configuration: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 5 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
    { noNullPrototype: true },
  ),
  seed: text,
  engine: fc.constantFrom('sim', 'local', 'hosted'),
  ledger: fc.option(fc.record({ chainId: uint256, address: actors, number: uint256 })),
  learning: fc.record({ backend: text, version: text }),
  software: fc.record({ flobc: text, node: text }),
});

test('a manifest is read as it was written, and so is its text', () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      const written = formatManifest(manifest);
      const read = parseManifest(written);
      if (read.kind === 'refused') expect.fail(read.reason);
      expect(JSON.stringify(read.value.configuration)).toBe(JSON.stringify(manifest.configuration));
      expect(read.value.ledger).toEqual(manifest.ledger);
      expect(formatManifest(read.value)).toBe(written);
    }),
    { numRuns: 300 },
  );
});

test('the first line of an event log', () => {
  fc.assert(
    fc.property(digests, (run) => {
      const header = { format: 'flobc.events', version: 1, run } as const;
      expect(parseEventsHeader(formatEventsHeader(header))).toEqual({ kind: 'read', value: header });
    }),
  );
});

test('another file, another version, another spelling are refused', () => {
  const manifest = fc.sample(manifests, { numRuns: 1, seed: 1 })[0]!;
  const written = formatManifest(manifest);
  const refusal = (changed: string) => parseManifest(changed);
  expect(refusal(written.replace('flobc.run', 'flobc.ruin'))).toMatchObject({ code: 'MALFORMED' });
  expect(refusal(written.replace('"version": 1', '"version": 2'))).toMatchObject({ code: 'MALFORMED' });
  expect(refusal(written.trimEnd())).toMatchObject({ code: 'NOT_CANONICAL' });
  expect(refusal(written.replace('{\n', '{\n  "seed": "other",\n'))).toMatchObject({ code: 'NOT_CANONICAL' });
  expect(parseEventsHeader(written)).toMatchObject({ code: 'MALFORMED' });
});
