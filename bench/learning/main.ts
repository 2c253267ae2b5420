// Samples per second of the learning engine, in one run with its limit and its peers. Writes docs/results/learning.md.
//
// npm run bench learning [-- --rounds 5] [-- --dry-run]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { loadDataset } from '#libs/data';
import type { Case } from './arithmetic.ts';
import { matrixProducts, product, pytorch, twoProcesses, type Contender } from './contenders.ts';
import { median as medianOf, roundCosts } from './scoring.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, 'dry-run': { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);

const models = ['mlp-200', 'flobc-cnn', 'lenet5'] as const;
const cases: Case[] = models.flatMap((model) => [
  { model, mode: 'train', batch: 32 },
  { model, mode: 'train', batch: 128 },
  { model, mode: 'evaluate', batch: 250 },
]);

const { train, test } = await loadDataset('mnist');
const data = { train, test: test! };
const [peer, peer2] = [await pytorch(1), await pytorch(2)];
const one = product(data, 1, 'compiled');
const two = product(data, 2, 'compiled');
const processes = await twoProcesses();
const limit = matrixProducts();
const wasm = product(data, 1, 'tfjs', 0.1);
const contenders = [one, two, processes, limit, wasm, peer, peer2].filter((c) => c !== undefined);

const median = (values: readonly number[]) => (values.length === 0 ? undefined : medianOf(values));

/** Rates of every contender on a case, one a round; the contenders take turns, so that the machine's mood is shared. */
async function measure(which: Case): Promise<Map<Contender, number[]>> {
  const rates = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (const contender of contenders) await contender.rate(which);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const rate = await contender.rate(which);
      if (rate !== undefined) rates.get(contender)!.push(rate);
    }
  }
  process.stderr.write(`${which.model} ${which.mode} ${which.batch}\n`);
  return rates;
}

interface Row {
  readonly which: Case;
  readonly rate: (contender: Contender | undefined) => number | undefined;
  /** Median over the rounds of a / b, round by round. */
  readonly ratio: (a: Contender, b: Contender | undefined) => number | undefined;
}

const rows: Row[] = [];
for (const which of cases) {
  const rates = await measure(which);
  rows.push({
    which,
    rate: (contender) => contender && median(rates.get(contender)!),
    ratio: (a, b) => b && median(rates.get(b)!.map((rate, round) => rates.get(a)![round]! / rate)),
  });
}
for (const contender of contenders) await contender.close();
const costs = await roundCosts(data.test, Math.max(rounds, 5));

const thousands = (n: number | undefined) => (n === undefined ? '-' : Math.round(n).toLocaleString('en'));
const times = (n: number | undefined) => (n === undefined ? '-' : n.toFixed(2));
const table = (head: string[], body: string[][]) =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const label = ({ model, mode, batch }: Case) => [
  model,
  mode === 'train' ? 'training' : 'evaluation',
  String(batch),
];

const speeds = table(
  ['model', 'what', 'batch', ...contenders.map(({ name }) => name)],
  rows.map(({ which, rate }) => [
    ...label(which),
    ...contenders.map((contender) => thousands(rate(contender))),
  ]),
);
const ratios = table(
  [
    'model',
    'what',
    'batch',
    'to the limit',
    'to tfjs-WASM',
    'to PyTorch, 1 thread',
    '2 workers to PyTorch, 2 threads',
    '2 workers to 2 processes',
  ],
  rows.map(({ which, ratio }) => [
    ...label(which),
    times(ratio(one, limit)),
    times(ratio(one, wasm)),
    times(ratio(one, peer)),
    times(ratio(two, peer2)),
    times(ratio(two, processes)),
  ]),
);

const find = (model: Case['model'], mode: Case['mode'], batch: number) =>
  rows.find(({ which }) => which.model === model && which.mode === mode && which.batch === batch)!;
const mlp = find('mlp-200', 'train', 32);
const cnn = find('flobc-cnn', 'train', 32);
const goal = (
  what: string,
  figure: number | undefined,
  least: number,
  show: (n: number | undefined) => string,
) => [
  what,
  show(figure),
  `>= ${show(least)}`,
  figure === undefined ? 'not measured' : figure >= least ? 'met' : 'missed',
];
const atMost = (what: string, figure: number, most: number, show: (n: number) => string) => [
  what,
  show(figure),
  `<= ${show(most)}`,
  figure <= most ? 'met' : 'missed',
];
const goals = table(
  ['goal', 'measured', 'asked', ''],
  [
    goal('training `mlp-200`, times tfjs-WASM', mlp.ratio(one, wasm), 15, times),
    goal('training `mlp-200`, times PyTorch, one thread', mlp.ratio(one, peer), 1.2, times),
    goal('training `flobc-cnn`, times PyTorch, one thread', cnn.ratio(one, peer), 1.5, times),
    goal(
      'evaluation `mlp-200`, samples/s a core',
      find('mlp-200', 'evaluate', 250).rate(one),
      120_000,
      thousands,
    ),
    goal(
      'evaluation `flobc-cnn`, samples/s a core',
      find('flobc-cnn', 'evaluate', 250).rate(one),
      20_000,
      thousands,
    ),
    goal(
      'two workers, times two processes: worst case',
      Math.min(...rows.map(({ ratio }) => ratio(two, processes)!)),
      0.9,
      times,
    ),
    atMost('merging 10 updates of 608,338 parameters, ms', costs.merge, 60, (n) => n.toFixed(1)),
    ...[...costs.scoring].map(([n, ratio]) =>
      atMost(`scoring ${n} updates, times evaluating ${n + 2} models`, ratio, 1.35, (n) => n.toFixed(2)),
    ),
  ],
);

const page = `# Speed of the learning engine

Made by \`npm run bench learning\`: samples per second, medians of ${rounds} rounds in which all contenders took turns;
a ratio is the median of the rounds' own ratios. Plain SGD, MNIST, through the public interface (\`openLearner\`),
reading and shuffling of the data included for ours and not for the peers. Evaluation is of 5 candidates on 10,000 images.

Machine: ${cpus()[0]!.model}, ${cpus().length} cores; Node ${process.version}, onnxruntime-node ${(await import('onnxruntime-node')).env.versions.node ?? '?'};
${peer ? `PyTorch ${peer.version} with ${peer.blas.join(', ')}` : 'PyTorch is not installed here (Debian: `apt-get install python3-torch libopenblas0`)'}.

## Goals

${goals}

Scoring is \`leaveOneOut\` of \`mlp-200\` on 1,000 images by the weighted mean of trusts, on one worker. Adding a merge to the base
takes ${costs.add.toFixed(1)} ms more.

## Samples per second

${speeds}

"Matrix products alone" is one graph of nothing but the step's matrix products, on one thread: the limit. tfjs-WASM has
no gradient kernel for convolution filters, so it trains no convolutional network.

## Ratios, one worker unless said

${ratios}
`;
process.stdout.write(page);
if (!options['dry-run']) writeFileSync('docs/results/learning.md', page);
