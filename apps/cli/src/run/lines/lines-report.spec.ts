import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { Event } from '#libs/protocol';
import type { RoundRecord, RunInProgress } from '#libs/simulation';
import { FakeBaseline } from '../fake-baseline.fixture.ts';
import { FakeRun } from '../fake-run.fixture.ts';
import { unicode } from '../text/glyphs.ts';
import { LinesReport } from './lines-report.ts';

function reportTo(written: { out: string; side: string }, isQuiet = false): LinesReport {
  return new LinesReport({
    output: { write: (text) => (written.out += text) },
    side: { write: (text) => (written.side += text) },
    isQuiet,
    glyphs: unicode,
    colours: pc.createColors(false),
  });
}

type Moment = { readonly events: readonly Event[] } | { readonly round: RoundRecord };

/** What is written of a whole run. */
function told(run: FakeRun | FakeBaseline, isQuiet = false): { out: string; side: string } {
  const written = { out: '', side: '' };
  const report = reportTo(written, isQuiet);
  report.started(run);
  for (const moment of run.play() as Iterable<Moment>) {
    if ('events' in moment) report.events(moment.events);
    else report.round(moment.round, run);
  }
  report.end({ plan: run.plan, result: run.result(), written: ['runs/x'], resume: null });
  report.close();
  return written;
}

const upToEnd = (text: string) => `\n${text.split('\n\n').slice(0, 2).join('\n\n')}\n`;

describe('a run in lines', () => {
  test('is a line a round, figures in columns, and names where there is something to say', async () => {
    const run = await FakeRun.of(`
name: quickstart
rounds: 10
trainers: { count: 7, behaviours: [{ kind: noise, std: 0.1, at: [2] }, { kind: signFlip, at: [5] }] }
`);
    const { out, side } = told(run);
    expect(side).toBe('');
    expect(upToEnd(out)).toMatchInlineSnapshot(`
      "
      quickstart: 7 Trainers (noise 1, signFlip 1), 3 Validators; 10 rounds of bsp; lenet5 on mnist, iid; seed 1

      round  1/10  accuracy  42.79 %  loss 0.8489  accepted   5  refused   2  virtual  1 min 09 s  real   1.6 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  2/10  accuracy  60.40 %  loss 0.5042  accepted   5  refused   2  virtual  2 min 16 s  real   2.9 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  3/10  accuracy  73.20 %  loss 0.3120  accepted   5  refused   2  virtual  3 min 23 s  real   2.5 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  4/10  accuracy  81.08 %  loss 0.2098  accepted   5  refused   2  virtual  4 min 31 s  real   2.3 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  5/10  accuracy  86.73 %  loss 0.1424  accepted   5  refused   2  virtual  5 min 42 s  real   2.1 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  6/10  accuracy  90.00 %  loss 0.1054  accepted   5  refused   2  virtual  6 min 51 s  real   2.8 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  7/10  accuracy  92.50 %  loss 0.0779  accepted   5  refused   2  virtual  8 min 03 s  real   2.6 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  8/10  accuracy  94.24 %  loss 0.0593  accepted   5  refused   2  virtual  9 min 04 s  real   1.7 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round  9/10  accuracy  95.33 %  loss 0.0478  accepted   5  refused   2  virtual 10 min 12 s  real   2.5 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      round 10/10  accuracy  96.03 %  loss 0.0405  accepted   5  refused   2  virtual 11 min 20 s  real   2.3 s  refused: trainer-2, trainer-5  penalties: trainer-5 -0.500
      "
    `);
    expect(out).toContain('finished after 10 rounds\n');
  });

  test('names a few of many', async () => {
    const run = await FakeRun.of(
      'name: many\nrounds: 1\ntrainers: { count: 30, behaviours: [{ kind: noise, std: 1, share: 0.5 }] }\n',
    );
    expect(told(run).out).toMatch(/refused {2}15 .* refused: (trainer-\d+(, )?){8} and 7 more\n/);
  });

  test('says why a round was void, and that a settled one has released nothing', async () => {
    const written = { out: '', side: '' };
    const run = (await FakeRun.of('name: dull\nrounds: 3\n')).until(({ rounds }) => rounds.length === 1);
    const report = reportTo(written);
    report.started(run);
    written.out = '';
    const record = run.rounds[0]!;
    report.events([{ kind: 'roundVoided', round: 1, reason: 'tooFewCommits', atMs: 0 }]);
    report.round({ ...record, round: 1, result: 'void', verdicts: [], accuracy: null, loss: null }, run);
    report.round({ ...record, round: 2, result: 'settled' }, run);
    expect(`\n${written.out}`).toMatchInlineSnapshot(`
      "
      round 2/3  accuracy        -  loss      -  accepted   0  refused   0  virtual  1 min 08 s  real   1.6 s  void: too few commits
      round 3/3  accuracy  42.79 %  loss 0.8489  accepted   7  refused   0  virtual  1 min 08 s  real   1.6 s  nothing released
      "
    `);
  });

  test('of a baseline has no verdicts, and at rounds 1, 11 and the last what its models say', async () => {
    const run = await FakeBaseline.of(
      'name: pysyft\npreset: fedavg\nrounds: 12\ndata: { partition: digitRanges }\ntrainers: 3\n',
    );
    expect(upToEnd(told(run).out)).toMatchInlineSnapshot(`
      "
      pysyft: 3 Trainers; 12 rounds of fedavg; lenet5 on mnist, digitRanges; seed 1

      round  1/12  accuracy  47.00 %  loss 0.7550  virtual  1 min 00 s  real   2.0 s
        round 1    accuracy  says 0-3  says 4-6  says 7-9
        trainer-0   40.00 %    57.1 %    21.4 %    21.4 %
        trainer-1   40.00 %    30.8 %    46.2 %    23.1 %
        trainer-2   40.00 %    30.8 %    23.1 %    46.2 %
        merged      47.00 %    40.0 %    30.0 %    30.0 %
      round  2/12  accuracy  52.88 %  loss 0.6372  virtual  2 min 00 s  real   2.0 s
      round  3/12  accuracy  58.06 %  loss 0.5437  virtual  3 min 00 s  real   2.0 s
      round  4/12  accuracy  62.64 %  loss 0.4678  virtual  4 min 00 s  real   2.0 s
      round  5/12  accuracy  66.67 %  loss 0.4054  virtual  5 min 00 s  real   2.0 s
      round  6/12  accuracy  70.24 %  loss 0.3533  virtual  6 min 00 s  real   2.0 s
      round  7/12  accuracy  73.38 %  loss 0.3095  virtual  7 min 00 s  real   2.0 s
      round  8/12  accuracy  76.16 %  loss 0.2724  virtual  8 min 00 s  real   2.0 s
      round  9/12  accuracy  78.61 %  loss 0.2407  virtual  9 min 00 s  real   2.0 s
      round 10/12  accuracy  80.77 %  loss 0.2136  virtual 10 min 00 s  real   2.0 s
      round 11/12  accuracy  82.67 %  loss 0.1903  virtual 11 min 00 s  real   2.0 s
        round 11   accuracy  says 0-3  says 4-6  says 7-9
        trainer-0   61.40 %    57.1 %    21.4 %    21.4 %
        trainer-1   61.40 %    30.8 %    46.2 %    23.1 %
        trainer-2   61.40 %    30.8 %    23.1 %    46.2 %
        merged      82.67 %    40.0 %    30.0 %    30.0 %
      round 12/12  accuracy  84.36 %  loss 0.1701  virtual 12 min 00 s  real   2.0 s
        round 12   accuracy  says 0-3  says 4-6  says 7-9
        trainer-0   62.41 %    57.1 %    21.4 %    21.4 %
        trainer-1   62.41 %    30.8 %    46.2 %    23.1 %
        trainer-2   62.41 %    30.8 %    23.1 %    46.2 %
        merged      84.36 %    40.0 %    30.0 %    30.0 %
      "
    `);
  });

  test('without merging is a mean, and has no merged model', async () => {
    const run = await FakeBaseline.of('name: each\npreset: alone\nrounds: 1\ntrainers: 2\n');
    const { out } = told(run);
    expect(out).toContain('round 1/1  mean accuracy  47.00 %');
    expect(out).not.toContain('says');
  });

  test('that is quiet is only its end', async () => {
    const { out } = told(await FakeRun.of('name: quickstart\nrounds: 2\n'), true);
    expect(out).not.toContain('round 1/2');
    expect(out.startsWith('validator ')).toBe(true);
    expect(out.endsWith('written     runs/x\n')).toBe(true);
  });

  test('warnings and the word of a stop go to the side', () => {
    const written = { out: '', side: '' };
    const report = reportTo(written);
    report.warn(['x.yaml:3:1  validators means nothing to coordination fedavg']);
    report.preparing();
    report.stopping();
    expect(written).toEqual({
      out: '',
      side:
        'warning x.yaml:3:1  validators means nothing to coordination fedavg\n' +
        'stopping at the end of the round; Ctrl-C again exits at once\n',
    });
  });
});

describe('a run that was stopped', () => {
  test('tells of its digit groups in the round that became the last', async () => {
    const run: RunInProgress & FakeBaseline = await FakeBaseline.of(
      'name: pysyft\npreset: fedavg\nrounds: 12\ndata: { partition: digitRanges }\ntrainers: 3\n',
    );
    const moments = run.play();
    for (let i = 0; i < 4; i++) moments.next();
    const written = { out: '', side: '' };
    const report = reportTo(written);
    report.end({ plan: run.plan, result: run.result('stopped'), written: [], resume: 'flobc run x' });
    expect(written.out).toContain('round 4    accuracy  says 0-3');
    expect(written.out).toContain('stopped after 4 rounds');
    expect(written.out).toContain('go on with  flobc run x\n');
  });
});
