import type { ActorFigures, TrialFigures } from '../results/figures.ts';
import type { SweepRecord } from '../results/sweep-record.ts';
import type { SweepResults } from '../results/sweep-results.ts';

/** What a made-up trial is like. */
export interface MadeUp {
  readonly accuracy: number;
  readonly trainers?: number;
  readonly validators?: number;
  /** Of the Trainers, the last so many flip signs. */
  readonly hostile?: number;
  readonly metrics?: Readonly<Record<string, number | null>>;
}

const rounds = 6;

/** Results of a sweep that nobody ran: `of` says what comes of each combination and seed. */
export function madeUpResults(
  axes: readonly Pick<SweepRecord['axes'][number], 'name' | 'labels'>[],
  of: (labels: readonly string[], seed: number) => MadeUp,
  { seeds = 3, ...over }: { readonly seeds?: number; readonly baseline?: SweepRecord['baseline'] } = {},
): SweepResults {
  let cells: string[][] = [[]];
  for (const { labels } of axes) cells = cells.flatMap((cell) => labels.map((label) => [...cell, label]));
  const numbers = Array.from({ length: seeds }, (_, i) => i + 1);
  const idOf = (cell: number, seed: number) => `0x${(1000 * cell + seed).toString(16).padStart(64, '0')}`;
  const baseline = Object.fromEntries(axes.map(({ name, labels }) => [name, labels[0]!]));
  const record: SweepRecord = {
    format: 'flobc.sweep',
    version: 1,
    name: 'made-up',
    question: 'Is 1 < 2 & so on?',
    reported: null,
    differs: null,
    file: 'made-up.yaml',
    axes: axes.map(({ name, labels }) => ({
      name,
      isNamed: false,
      labels: [...labels],
      values: [...labels],
    })),
    baseline,
    cells: cells.map((labels, i) => ({ labels, isBaseline: i === 0 })),
    trials: cells.flatMap((_, cell) =>
      numbers.map((seed) => ({ id: idOf(cell, seed), cell, seed: String(seed) })),
    ),
    expectations: [],
    sessions: [{ command: 'flobc sweep made-up.yaml', commit: 'abc', startedAt: '2026-11-26T09:00:00.000Z' }],
    ...over,
    seeds: numbers.map(String),
  };
  const trials = record.trials.map(({ id, cell, seed }) => ({
    id,
    cell,
    seed,
    folder: id,
    figures: figuresOf(id, of(cells[cell]!, Number(seed))),
    times: { seconds: 10, workers: 1, memoryBytes: 1, startedAt: '2026-11-26T09:00:00.000Z', commit: 'abc' },
  }));
  return { folder: '.', record, trials };
}

function figuresOf(
  run: string,
  { accuracy, trainers = 4, validators = 3, hostile = 0, metrics = {} }: MadeUp,
): TrialFigures {
  const steps = Array.from({ length: rounds }, (_, i) => i);
  const actor = (site: string, role: 'trainer' | 'validator', behaviour: string): ActorFigures => ({
    site,
    role,
    behaviour,
    strength: behaviour === 'honest' ? 0 : 3,
    trust: steps.map((i) =>
      role === 'validator' ? null : behaviour === 'honest' ? 0.5 + i / 20 : 0.5 - i / 20,
    ),
    reward: steps.map((i) => (behaviour === 'honest' ? i + 1 : 0)),
    penalty: steps.map(() => (behaviour === 'honest' ? 0 : 0.5)),
    verdict: steps.map(() => (role === 'validator' ? null : 'accepted')),
    tally: steps.map(() => 1),
  });
  return {
    format: 'flobc.figures',
    version: 1,
    run,
    outcome: 'finished',
    metrics: {
      'accuracy.final': accuracy,
      'accuracy.best': accuracy,
      'accuracy.best_round': rounds - 1,
      virtual_s: 60 / accuracy,
      'reach.90': accuracy >= 0.9 ? 30 / accuracy : null,
      trainers,
      validators,
      'trainers.hostile': hostile,
      'validators.hostile': 0,
      'penalty.hostile': hostile / 2,
      'gas.round': 1e5 * validators + 2e4 * trainers,
      'bytes.round': 1e6 * trainers,
      'gas.settle': 1e6 * trainers,
      ...(hostile > 0
        ? { 'profit.trainer.signFlip': -0.5, 'advantage.trainer.signFlip': -6.5 - accuracy }
        : {}),
      ...metrics,
    },
    rounds: steps.map((i) => ({
      round: i,
      outcome: 'released',
      seconds: ((i + 1) * 10) / accuracy,
      accuracy: accuracy * (1 - Math.exp(-i - 1)),
      loss: 1 - accuracy,
      ...{ accepted: 1, refused: 0, unavailable: 0, gas: 1, messageBytes: 1, blobBytes: 1, staleness: 0 },
    })),
    actors: [
      ...Array.from({ length: trainers }, (_, i) =>
        actor(`trainer-${i}`, 'trainer', i >= trainers - hostile ? 'signFlip' : 'honest'),
      ),
      ...Array.from({ length: validators }, (_, i) => actor(`validator-${i}`, 'validator', 'honest')),
    ],
  };
}
