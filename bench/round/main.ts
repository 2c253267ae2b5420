// Seconds a simulated round, with votes and chain, against the bare arithmetic of the same round in the same process.
// Writes docs/results/round.md.
//
// npm run bench round [-- --rounds 8] [-- --case mlp-200] [-- --dry-run]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openInProcessChain } from '#libs/evm';
import { parseRunFile, type RunPlan } from '#libs/experiment';
import { layGround, type RoundRecord, runPlan } from '#libs/simulation';
import { bareSeconds } from './bare.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    case: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);

interface Case {
  readonly model: 'mlp-200' | 'flobc-cnn';
  readonly trainers: number;
  readonly samplesPerTrainer: number;
  /** Seconds that Flower 1.28 takes for it without votes and chain (docs/results/round.md says where from). */
  readonly flower: number;
  /** Most seconds asked for. */
  readonly goal: number;
}

const cases: readonly Case[] = [
  { model: 'mlp-200', trainers: 10, samplesPerTrainer: 600, flower: 0.62, goal: 0.31 },
  { model: 'flobc-cnn', trainers: 10, samplesPerTrainer: 600, flower: 5.24, goal: 2.6 },
  // MNIST has 60,000 examples, of which the Validators hold 3,000.
  { model: 'mlp-200', trainers: 100, samplesPerTrainer: 570, flower: 5.23, goal: 2.6 },
];
const samplesPerValidator = 1_000;
const validators = 3;

async function planOf({ model, trainers, samplesPerTrainer }: Case): Promise<RunPlan> {
  const file = {
    name: 'bench',
    seed: 1,
    rounds,
    model,
    data: { dataset: 'mnist', samplesPerTrainer, samplesPerValidator },
    training: { epochs: 1, batchSize: 32, optimizer: { kind: 'sgd', learningRate: 0.05 } },
    trainers,
    validators,
    keep: { models: 'none' },
  };
  return (await parseRunFile(JSON.stringify(file), { file: 'bench', folder: '.' })).plan;
}

interface Measured {
  /** Seconds, medians over the rounds after the first. */
  readonly round: number;
  readonly bare: number;
  readonly split: RoundRecord['real'];
  /** From the start of the set-up to the first opened round. */
  readonly startUp: number;
  readonly gas: number;
}

const seconds = (since: number): number => (performance.now() - since) / 1000;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function measure(which: Case): Promise<Measured> {
  const start = performance.now();
  const plan = await planOf(which);
  const ground = await layGround(plan);
  let startUp: number | undefined;
  const bare: number[] = [await bareSeconds(ground, plan)];
  const ends: number[] = [];
  const records: RoundRecord[] = [];
  await runPlan(plan, ground, {
    openChain: openInProcessChain,
    policy: { name: 'ProportionalPolicy' },
    observer: {
      events: (events) => {
        if (events.some(({ kind }) => kind === 'roundOpened')) startUp ??= seconds(start) - bare[0]!;
      },
      round: (record) => {
        ends.push(performance.now());
        records.push(record);
      },
    },
  });
  // In turns with nothing else to do: before and after the run, as the machine's speed drifts.
  for (let i = 0; i < 4; i++) bare.push(await bareSeconds(ground, plan));
  await ground.learner.close();
  const later = records.slice(1);
  const spent = (kind: keyof RoundRecord['real']) => median(later.map(({ real }) => real[kind]));
  return {
    round: median(ends.slice(1).map((end, i) => (end - ends[i]!) / 1000)),
    bare: median(bare.slice(1)),
    split: {
      wall: spent('wall'),
      training: spent('training'),
      scoring: spent('scoring'),
      merging: spent('merging'),
      chain: spent('chain'),
      testing: spent('testing'),
    },
    startUp: startUp ?? NaN,
    gas: median(later.map(({ gas }) => gas)),
  };
}

const fixed = (n: number, digits = 2): string => n.toFixed(digits);
const table = (head: string[], body: string[][]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const label = ({ model, trainers, samplesPerTrainer }: Case): string =>
  `${trainers} x ${samplesPerTrainer} \`${model}\``;
const verdict = (isMet: boolean): string => (isMet ? 'met' : 'missed');

const chosen = cases.filter(({ model }) => options.case === undefined || model === options.case);
const measured: [Case, Measured][] = [];
for (const which of chosen) {
  measured.push([which, await measure(which)]);
  process.stderr.write(`${label(which)}: ${JSON.stringify(measured.at(-1)![1])}\n`);
}

const goals = table(
  ['round', 'seconds', 'asked', '', 'times the bare arithmetic', 'asked', '', 'Flower 1.28'],
  measured.map(([which, { round, bare }]) => [
    label(which),
    fixed(round, 3),
    `<= ${which.goal}`,
    verdict(round <= which.goal),
    fixed(round / bare),
    '<= 1.35',
    verdict(round / bare <= 1.35),
    `${which.flower} s`,
  ]),
);
const splits = table(
  [
    'round',
    'bare arithmetic',
    'training',
    'scoring',
    'test',
    'merge',
    'chain',
    'chain, share',
    'start to first round',
    'gas',
  ],
  measured.map(([which, { round, bare, split, startUp, gas }]) => [
    label(which),
    fixed(bare, 3),
    fixed(split.training, 3),
    fixed(split.scoring, 3),
    fixed(split.testing, 3),
    fixed(split.merging, 3),
    fixed(split.chain, 3),
    `${fixed((100 * split.chain) / round, 1)} %`,
    `${fixed(startUp)} s`,
    gas.toLocaleString('en'),
  ]),
);

const page = `# Speed of a round

Made by \`npm run bench round\`: seconds of this machine from one round's end to the next, medians of ${rounds - 1} rounds after
the first; ${validators} Validators of ${samplesPerValidator.toLocaleString('en')} samples each, a test on 10,000, one epoch, batches of 32, leave-one-out scoring, votes and
settlement on the EVM in the process.

Machine: ${cpus()[0]!.model}, ${cpus().length} cores; Node ${process.version}.

${goals}

"Bare arithmetic" is the same trainings, scorings and test, handed to the same pool of threads all at once, with nothing in
between: median of 4 measurements in the same process. Flower's seconds are those that were measured for
\`ANCHORS\` on such a machine, without votes and chain; they are not measured again here.

## Where the time goes

Seconds a round. Training, scoring and test are added up over the threads, which overlap each other and the rest.

${splits}

## Tried and left out

- Looking for copies an update at a time, so that the threads' answers are seen in between: no difference in two runs of each.
- Testing 199,210 values for NaN by four sums: twice as long as one by one. By the bits of the exponent: 0.24 ms for 0.32, left out
  because it was not measured in a round, where it could save 0.5 % at most.
`;
process.stdout.write(page);
if (!options['dry-run']) writeFileSync('docs/results/round.md', page);
