import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRunFolder, planJson, configurationDigest, writeTrialFiles } from '#libs/experiment';
import { generator } from '#libs/random';
import type { TrialTask } from './trial-messages.ts';
import type { Outcome, TrialListener, TrialRunner } from './trial-processes.ts';

/** Two combinations with two seeds, of runs that cost nothing because nobody runs them. */
export const sweepText = [
  'name: made-up',
  'base: { model: logistic, rounds: 2, data: { dataset: mnist, samplesPerTrainer: 10, samplesPerValidator: 10 } }',
  'matrix: { trainers: [3, 4] }',
  'seeds: 1-2',
].join('\n');

/** Of runs that take a second, on the tables of `writeTables` beside the sweep file. */
export const smallBase = `base:
  model: logistic
  rounds: 3
  data:
    dataset: { kind: csv, path: train.csv, testPath: test.csv, label: side }
    samplesPerTrainer: 20
    samplesPerValidator: 10`;

export function writeTables(folder: string): void {
  const random = generator('table');
  for (const [name, rows] of [
    ['train.csv', 120],
    ['test.csv', 60],
  ] as const) {
    const lines = Array.from({ length: rows }, () => {
      const [x, y] = [random.uniform(), random.uniform()];
      return `${x},${y},${x + y > 1 ? 'above' : 'below'}`;
    });
    writeFileSync(join(folder, name), ['x,y,side', ...lines, ''].join('\n'));
  }
}

/** Writes a folder that a run could have left, without running anything. */
export async function madeUpTrial({
  plan,
  place,
  workers,
  commit,
}: Omit<TrialTask, 'title' | 'policy'>): Promise<void> {
  mkdirSync(join(place, '..'), { recursive: true });
  const folder = openRunFolder(place, {
    format: 'flobc.run',
    version: 1,
    run: configurationDigest(plan),
    configuration: planJson(plan),
    seed: plan.seed,
    engine: 'sim',
    ledger: null,
    learning: { backend: 'compiled', version: 'none' },
    software: { flobc: '0.1.0', node: 'v22' },
  });
  const test = { loss: 0.5, accuracy: (plan.trainers.length + Number(plan.seed)) / 10 };
  for (let round = 0; round < 2; round++)
    folder.round({
      ...{ round, outcome: 'released', fromMs: 1000 * round, toMs: 1000 * (round + 1), test, locals: [] },
      verdicts: { accepted: 3, refused: 0, unavailable: 0 },
      ...{ gasUsed: 1n, messageBytes: 1, blobBytes: 1, seconds: {} },
    });
  folder.summary({
    outcome: 'finished',
    rounds: { released: 2, settled: 0, void: 0 },
    ...{
      last: test,
      best: { round: 0, accuracy: test.accuracy },
      model: null,
      stateRoot: null,
      virtualMs: 2000,
    },
    ...{ seconds: 1, gasUsed: 2n, messageBytes: 2, blobBytes: 2, actors: [] },
  });
  folder.close();
  await writeTrialFiles(place, { seconds: 1, workers, memoryBytes: 1, startedAt: 'then', commit });
}

type Fate = (task: TrialTask) => Outcome | undefined | Promise<Outcome | undefined>;

/** Carries trials out by making them up; `fate` may have one come out otherwise. */
export class FakeRunner implements TrialRunner {
  readonly #fate: Fate;

  constructor(fate: Fate = () => undefined) {
    this.#fate = fate;
  }

  async run(task: TrialTask, told: TrialListener): Promise<Outcome> {
    told.started();
    told.round(0, 0.5);
    const outcome = await this.#fate(task);
    if (outcome !== undefined) return outcome;
    await madeUpTrial(task);
    return { kind: 'ended', seconds: 1, accuracy: 0.5, memoryBytes: 1 };
  }

  end(): void {
    // There is no process.
  }
}

export function writeSweepFile(folder: string, text = sweepText): string {
  const file = join(folder, 'sweep.yaml');
  writeFileSync(file, text);
  return file;
}
