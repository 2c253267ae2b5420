import { beforeAll, describe, expect, test } from 'vitest';
import { openInProcessChain } from '#libs/evm';
import { parseRunFile } from '#libs/experiment';
import { type ActorResult, layGround, type RoundRecord, runPlan } from '#libs/simulation';
import { measuredBlobs, measuredBus, measuredWorkshop } from './measured.ts';
import { RunMetrics } from './run-metrics.ts';

const runFile = `
name: measured
seed: 3
rounds: 3
model: mlp-200
data: { dataset: mnist, samplesPerTrainer: 200, samplesPerValidator: 200, testSamples: 100 }
trainers: { count: 3, behaviours: [{ kind: signFlip, factor: 3, at: [2] }, { kind: badBytes, with: nan, at: [1] }] }
validators: 3
`;

/** Samples by name and labels as they are written, without those that are on all of them. */
async function samplesOf(metrics: RunMetrics, hasRun = true): Promise<Map<string, number>> {
  const lines = (await metrics.text(hasRun))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^(.*) (\S+)$/.exec(line)!;
      return [name!.replace(/,?node="n",role="\w+"/, '').replace('{}', ''), Number(value)];
    }),
  );
}

const opened = (role: 'trainer' | 'scheduler' = 'trainer') => new RunMetrics({ node: 'n', role });

describe('of a run, from its events', () => {
  const metrics = opened();
  let rounds: readonly RoundRecord[];
  let actors: readonly ActorResult[];
  let samples: Map<string, number>;
  let virtualMs = 0;

  beforeAll(async () => {
    const { plan } = await parseRunFile(runFile, { file: 'measured.yaml', folder: '.' });
    const ground = await layGround(plan, { workers: 1 });
    const result = await runPlan(plan, ground, {
      openChain: openInProcessChain,
      policy: { name: 'ProportionalPolicy' },
      observer: {
        events: (events, { state }) => {
          metrics.see(events, state!);
        },
      },
    }).finally(() => ground.learner.close());
    ({ rounds, actors, virtualMs } = result);
    samples = await samplesOf(metrics);
  });

  test('rounds and the model are those of the result', () => {
    expect(rounds).toHaveLength(3);
    expect(samples.get('flobc_rounds_total{outcome="released"}')).toBe(3);
    expect(samples.get('flobc_model_version')).toBe(3);
    expect(samples.get('flobc_round')).toBe(3);
  });

  test('verdicts are those of the rounds, with why', () => {
    const verdicts = rounds.flatMap((round) => round.verdicts);
    const count = (test: (verdict: (typeof verdicts)[number]) => boolean) => verdicts.filter(test).length;
    const kinds = {
      improves: (tally: number | null) => tally !== null && tally > 0,
      worsens: (tally: number | null) => tally !== null && tally <= 0,
      unavailable: (tally: number | null) => tally === null,
    };
    expect(count(({ tally }) => tally === null)).toBeGreaterThan(0);
    for (const [reason, isSo] of Object.entries(kinds))
      for (const verdict of ['accepted', 'refused']) {
        const counted = samples.get(`flobc_verdicts_total{verdict="${verdict}",reason="${reason}"}`) ?? 0;
        expect(counted).toBe(
          count(({ accepted, tally }) => accepted === (verdict === 'accepted') && isSo(tally)),
        );
      }
  });

  test('trust is that of the Trainers at the end', () => {
    for (const { role, id, trust } of actors) {
      const shown = samples.get(`flobc_trust{trainer="${id}"}`);
      if (role === 'trainer') expect(shown).toBeCloseTo(trust! / 1e9, 9);
      else expect(shown).toBeUndefined();
    }
  });

  test('phases add up to the time of the run', () => {
    const seconds = [...samples].filter(([name]) => name.startsWith('flobc_phase_seconds_sum'));
    const all = seconds.reduce((sum, [, value]) => sum + value, 0);
    expect(seconds.map(([name]) => /phase="(\w+)"/.exec(name)![1]).sort()).toEqual(
      expect.arrayContaining(['commit', 'reveal', 'settlement', 'training']),
    );
    // Whole seconds of the ledger between milliseconds of nodes: a second or two of each round is counted twice or not.
    expect(Math.abs(all - virtualMs / 1000)).toBeLessThan(2 * rounds.length + 2);
  });

  test('are not shown until all that has happened has been read', async () => {
    const names = [...(await samplesOf(metrics, false)).keys()];
    expect(names.some((name) => name.startsWith('process_cpu_seconds_total'))).toBe(true);
    expect(names.filter((name) => name.startsWith('flobc_'))).toEqual([]);
  });
});

describe('at the ports', () => {
  test('bytes go by direction and kind', async () => {
    const metrics = opened();
    const digest = `0x${'2'.repeat(64)}` as const;
    const blobs = measuredBlobs(
      {
        put: () => Promise.resolve(digest),
        get: (wanted) => Promise.resolve(wanted === digest ? new Uint8Array(9) : null),
      },
      metrics,
    );
    await blobs.put(new Uint8Array(5), { kind: 'lineup' });
    await blobs.get(digest, 100);
    await blobs.get(`0x${'3'.repeat(64)}`, 100);
    const said: string[] = [];
    const bus = measuredBus(
      {
        publish: (subject) => Promise.resolve(void said.push(subject)),
        subscribe: () => () => undefined,
      },
      metrics,
    );
    const subject = `flobc.v1.0x${'4'.repeat(64)}.ballot.0x${'5'.repeat(40)}`;
    await bus.publish(subject, new Uint8Array(7));
    await bus.publish('nonsense', new Uint8Array(1));
    expect(said).toEqual([subject, 'nonsense']);
    const samples = await samplesOf(metrics);
    expect(samples.get('flobc_bytes_total{direction="out",kind="lineup object"}')).toBe(5);
    expect(samples.get('flobc_bytes_total{direction="in",kind="model object"}')).toBe(9);
    expect(samples.get('flobc_bytes_total{direction="out",kind="ballot"}')).toBe(7);
    expect(samples.get('flobc_bytes_total{direction="out",kind="unknown"}')).toBe(1);
  });

  test('trainings count their examples once, other work and work that fails not at all', async () => {
    const metrics = opened();
    const workshop = measuredWorkshop({ run: (_, job) => job() }, metrics);
    const work = { samples: 300, parameters: 1 };
    expect(await workshop.run({ ...work, kind: 'training' }, () => Promise.resolve('done'))).toBe('done');
    await workshop.run({ ...work, kind: 'scoring' }, () => Promise.resolve());
    await expect(
      workshop.run({ ...work, kind: 'training' }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    expect((await samplesOf(metrics)).get('flobc_training_samples_total')).toBe(300);
  });

  test('what is asked for stays what it was while it cannot be had, and holds nobody up', async () => {
    const metrics = opened();
    const answers: (() => Promise<{ pending: number } | null>)[] = [
      () => Promise.resolve({ pending: 4 }),
      () => Promise.reject(new Error('gone')),
      () => new Promise(() => undefined),
      () => Promise.resolve({ pending: 1 }),
    ];
    metrics.ask('asked', 'Asked.', () => answers.shift()!());
    const seen: (number | undefined)[] = [];
    while (answers.length > 0) seen.push((await samplesOf(metrics)).get('flobc_asked'));
    expect(seen).toEqual([4, 4, 4, 1]);
  });

  test('only what a role does is there', async () => {
    const [trainer, scheduler] = [opened(), opened('scheduler')];
    for (const metrics of [trainer, scheduler]) {
      metrics.jobDone(30);
      metrics.trained(10, 2);
    }
    const [ofTrainer, ofScheduler] = [await samplesOf(trainer), await samplesOf(scheduler)];
    expect(ofTrainer.get('flobc_training_samples_per_second')).toBe(5);
    expect(ofTrainer.has('flobc_jobs_late_seconds_sum')).toBe(false);
    expect(ofScheduler.get('flobc_jobs_late_seconds_sum')).toBe(0.03);
    expect(ofScheduler.has('flobc_training_samples_total')).toBe(false);
  });

  test('gas goes by operation', async () => {
    const metrics = opened();
    metrics.spent('commit', 21_000n);
    metrics.spent('commit', 9n);
    expect((await samplesOf(metrics)).get('flobc_gas_total{operation="commit"}')).toBe(21_009);
  });
});
