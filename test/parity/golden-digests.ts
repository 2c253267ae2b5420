/**
 * Digests of what every aggregator and codec makes of fixed inputs, so that a merge has the same bytes on every machine and
 * Node version, and a change of one is seen in review.
 *
 *     node --conditions=source test/parity/golden-digests.ts --check    compare with test/vectors, exit 1 on a difference
 *     node --conditions=source test/parity/golden-digests.ts --write    after a change that is meant
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// By path, not `#libs/learning`: that one loads the training engines, and this has to run on any Node by itself.
import {
  aggregatorOf,
  type AggregatorSpec,
  type Candidate,
  stalenessDiscounts,
} from '../../libs/learning/src/aggregation/index.ts';
import { codecNames, decode, encode } from '../../libs/learning/src/codec/index.ts';
import { type Generator, generator } from '../../libs/random/src/index.ts';

const discounts = stalenessDiscounts(0.5, 8);

const specs: readonly AggregatorSpec[] = [
  { name: 'weightedMean', weights: 'equal' },
  { name: 'weightedMean', weights: 'samples' },
  { name: 'weightedMean', weights: 'trust' },
  { name: 'weightedMean', weights: 'trustTimesSamples', discounts },
  { name: 'coordinateMedian' },
  { name: 'trimmedMean', hostile: 2 },
  { name: 'krum', hostile: 2 },
  { name: 'multiKrum', hostile: 2 },
  { name: 'multiKrum', hostile: 1, keep: 3, weights: 'trust', discounts },
  { name: 'normClipping', bound: 1.5, of: { name: 'weightedMean', weights: 'trust' } },
  { name: 'normClipping', bound: 'median', of: { name: 'coordinateMedian' } },
];

/** Updates and parameters of each round: odd and even, past every block and unrolled loop, and past insertion sort. */
const rounds = [
  { updates: 7, parameters: 4099 },
  { updates: 20, parameters: 6151 },
  { updates: 65, parameters: 517 },
];

/**
 * Floats of many magnitudes, ties, zeros of both signs and subnormals. Integer draws times powers of two only: exact, so
 * the inputs do not depend on anybody's logarithm.
 */
function values(random: Generator, length: number): Float32Array {
  return Float32Array.from({ length }, () => {
    const sign = random.integer(2) === 0 ? 1 : -1;
    switch (random.integer(16)) {
      case 0:
        return 0 * sign;
      case 1:
        return (sign * random.integer(4)) / 1024;
      case 2:
        return (sign * random.integer(1 << 23)) / 2 ** 100 / 2 ** 49;
      case 3:
        return (sign * random.integer(1 << 24)) / 2 ** 20;
      default:
        return (sign * random.integer(1 << 24)) / 2 ** 30;
    }
  });
}

function candidates(random: Generator, { updates, parameters }: (typeof rounds)[number]): Candidate[] {
  return Array.from({ length: updates }, (_, i) => ({
    actor: `trainer-${i}`,
    sequence: random.integer(100),
    delta: values(random.split('delta', i), parameters),
    samples: 1 + random.integer(100_000),
    trust: 1 + random.integer(1_000_000_000),
    staleness: random.integer(10),
  }));
}

const sha256 = (bytes: Uint8Array | Float32Array) =>
  createHash('sha256')
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex');

function aggregatorDigests(): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const round of rounds) {
    const all = candidates(generator('golden digests').split('round', round.updates), round);
    const size = `${round.updates} x ${round.parameters}`;
    const inputs = createHash('sha256');
    for (const { delta } of all) inputs.update(sha256(delta));
    digests[`inputs, ${size}`] = inputs.digest('hex');
    for (const spec of specs) {
      const aggregator = aggregatorOf(spec);
      const outcome = aggregator.merge(all);
      if (outcome.kind === 'refused') throw new Error(outcome.reason);
      digests[`${aggregator.name}, ${size}`] = sha256(outcome.delta);
    }
  }
  return digests;
}

function codecDigests(): Record<string, string> {
  const digests: Record<string, string> = {};
  const sizes = [4096, 3, 1, 0, 517];
  const layout = sizes.map((size, i) => ({
    name: `tensor ${i}`,
    shape: [size],
    offset: sizes.slice(0, i).reduce((a, b) => a + b, 0),
    size,
  }));
  const parameters = {
    layout,
    values: values(
      generator('golden digests').split('codec'),
      sizes.reduce((a, b) => a + b),
    ),
  };
  for (const codec of codecNames) {
    const encoded = encode(codec, parameters, { run: '0'.repeat(64), base: 'f'.repeat(64) });
    if (encoded.kind === 'refused') throw new Error(encoded.reason);
    const decoded = decode(codec, encoded.bytes, layout);
    if (decoded.kind === 'refused') throw new Error(decoded.reason);
    digests[`${codec}, encoded`] = sha256(encoded.bytes);
    digests[`${codec}, decoded`] = sha256(decoded.parameters.values);
  }
  return digests;
}

type Digests = Readonly<Record<string, string>>;

/** Each file of test/vectors with what the running Node makes of its inputs. */
export const golden = {
  'aggregators.json': aggregatorDigests,
  'codecs.json': codecDigests,
} as const satisfies Record<string, () => Digests>;

const pathOf = (file: string) => fileURLToPath(new URL(`../vectors/${file}`, import.meta.url));

export const recorded = (file: string) => JSON.parse(readFileSync(pathOf(file), 'utf8')) as Digests;

const print = (line: string) => process.stdout.write(`${line}\n`);

function main(option: string | undefined): number {
  if (option !== '--check' && option !== '--write') {
    print('usage: golden-digests.ts --check | --write');
    return 2;
  }
  let differences = 0;
  for (const [file, digests] of Object.entries(golden)) {
    const now = digests();
    if (option === '--write') writeFileSync(pathOf(file), `${JSON.stringify(now, null, 2)}\n`);
    const before = recorded(file);
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    const differing = names.filter((name) => before[name] !== now[name]);
    for (const name of differing)
      print(`${file}: ${name}: ${before[name] ?? 'not recorded'}, now ${now[name] ?? 'gone'}`);
    print(
      `${file}: ${names.length - differing.length} of ${names.length} digests agree on Node ${process.version}`,
    );
    differences += differing.length;
  }
  return differences === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv[2]);
