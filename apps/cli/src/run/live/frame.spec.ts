import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openRound, whoIsWaitedFor } from '#libs/protocol';
import type { RunInProgress } from '#libs/simulation';
import { FakeBaseline } from '../fake-baseline.fixture.ts';
import { FakeRun } from '../fake-run.fixture.ts';
import { Names } from '../names.ts';
import { ascii, type Glyphs, unicode } from '../text/glyphs.ts';
import { line, textOf, widthOf } from '../text/line.ts';
import { frameOf } from './frame.ts';

const small = `
name: quickstart
rounds: 12
trainers: { count: 7, behaviours: [{ kind: noise, std: 0.1, at: [2] }, { kind: signFlip, at: [5] }] }
validators: { count: 3, behaviours: [{ kind: voteFlip, at: [1] }] }
`;
const large = `
name: large
rounds: 30
trainers: { count: 100, behaviours: [{ kind: noise, std: 0.1, at: [8, 22] }, { kind: signFlip, at: [41] }] }
validators: 10
`;

const note = line('the note');

function frame(run: RunInProgress, width: number, height: number, glyphs: Glyphs = unicode) {
  const moment = {
    run,
    names: new Names(run.cast),
    waiting: run.state && whoIsWaitedFor(run.state),
    elapsedMs: 12_345,
    startedMs: Date.UTC(2026, 0, 1),
  };
  return frameOf(moment, { width, height, glyphs }, note);
}

const drawn = (run: RunInProgress, width: number, height: number, glyphs?: Glyphs) =>
  `\n${frame(run, width, height, glyphs)
    .map((of) => textOf(of).trimEnd())
    .join('\n')}\n`;

const isIn = (phase: string, round: number) => (run: FakeRun) => {
  const open = openRound(run.state);
  return open?.number === round && open.phase.kind === phase;
};

describe('a frame', () => {
  test('before anybody has come', async () => {
    expect(drawn(await FakeRun.of(small), 80, 24)).toMatchInlineSnapshot(`
      "
      quickstart  round 1 of 12  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  12 s elapsed
      phase     created   1 h 00 min left   waits for the Sponsor
      accuracy  no model is released yet
      virtual   0 ms

      trainer    behaviour  state     base  verdict    tally  trust             earned
      trainer-0             idle                                                  0.00
      trainer-1             idle                                                  0.00
      trainer-2  noise      idle                                                  0.00
      trainer-3             idle                                                  0.00
      trainer-4             idle                                                  0.00
      trainer-5  signFlip   idle                                                  0.00
      trainer-6             idle                                                  0.00

      validator    behaviour  state      off by bp    mean   earned
      validator-0             idle                             0.00
      validator-1  voteFlip   idle                             0.00
      validator-2             idle                             0.00





      the note
      "
    `);
  });

  test('of a round in its commit phase, on the smallest usual terminal', async () => {
    const run = (await FakeRun.of(small)).until(isIn('commit', 3));
    expect(drawn(run, 80, 24)).toMatchInlineSnapshot(`
      "
      quickstart  round 4 of 12  ██████░░░░░░░░░░░░░░░░  12 s elapsed, about 21 s left
      phase     commit   5 min 59 s left   waits for validators 0, 1, 2
      accuracy  73.20 %                         ███
                best 73.20 % in round 3         ███
                loss 0.3120                  ▄▄▄███
                                             ██████
                                             ██████
                                          ▁▁▁██████
      virtual   4 min 15 s   round 2.5 s: training 60 %, scoring 21 %, chain 12 %

      trainer    behaviour  state     base  verdict    tally  trust             earned
      trainer-0             sent        v3  accepted     +73  0.571  █████░░░    +4.20
      trainer-1             sent        v3  accepted     +66  0.549  ████░░░░    +4.20
      trainer-2  noise      sent        v3  refused     -143  0.364  ███░░░░░     0.00
      trainer-3             sent        v3  accepted     +34  0.525  ████░░░░    +4.20
      trainer-4             sent        v3  accepted     +26  0.528  ████░░░░    +4.20
      trainer-5  signFlip   sent        v3  refused     -793  0.364  ███░░░░░    -1.50
      trainer-6             sent        v3  accepted     +53  0.543  ████░░░░    +4.20

      validator    behaviour  state      off by bp    mean   earned
      validator-0             scoring          2.4     3.1    +3.00
      validator-1  voteFlip   scoring        344.0   340.7    +3.00
      validator-2             scoring          3.0     4.0    +3.00
      the note
      "
    `);
  });

  test('with room has a taller chart', async () => {
    const run = (await FakeRun.of(small)).until(isIn('training', 8));
    expect(drawn(run, 120, 40)).toMatchInlineSnapshot(`
      "
      quickstart  round 9 of 12  ███████████████████████████░░░░░░░░░░░░░                       12 s elapsed, about 9.1 s left
      phase     training   10 min 00 s left   waits for trainers 0, 1, 2, 3, 4, 5, 6
      accuracy  94.24 %                                       ▃▃▃▃▆▆▆▆████
                best 94.24 % in round 8                   ▇▇▇▇████████████
                loss 0.0593                           ████████████████████
                                                  ▆▆▆▆████████████████████
                                                  ████████████████████████
                                              ▇▇▇▇████████████████████████
                                              ████████████████████████████
                                          ▁▁▁▁████████████████████████████
      virtual   9 min 05 s   round 1.6 s: training 69 %, scoring 16 %, chain 9 %, testing 4 %, merging 3 %

      trainer    behaviour  state     base  verdict    tally  trust             earned
      trainer-0             training    v7  accepted     +77  0.651  █████░░░   +11.20
      trainer-1             training    v7  accepted     +39  0.595  █████░░░   +11.20
      trainer-2  noise      training    v7  refused     -149  0.215  ██░░░░░░     0.00
      trainer-3             training    v7  accepted     +43  0.564  █████░░░   +11.20
      trainer-4             training    v7  accepted     +32  0.554  ████░░░░   +11.20
      trainer-5  signFlip   training    v7  refused     -798  0.215  ██░░░░░░    -4.00
      trainer-6             training    v7  accepted     +42  0.583  █████░░░   +11.20

      validator    behaviour  state      off by bp    mean   earned
      validator-0             idle             4.9     4.4    +8.00
      validator-1  voteFlip   idle           342.1   341.3    +8.00
      validator-2             idle             3.3     2.9    +8.00














      the note
      "
    `);
  });

  test('without room shows who is to be looked at, and tells of the others', async () => {
    const run = (await FakeRun.of(large)).until(isIn('settlement', 2));
    expect(drawn(run, 80, 24)).toMatchInlineSnapshot(`
      "
      large  round 3 of 30  █░░░░░░░░░░░░░░░░░░░░  12 s elapsed, about 1 min 02 s left
      phase     settlement   2 min 59 s left   waits for validators 0, 1, 2 and 7 more
      accuracy  60.40 %   best 60.40 % in round 2   loss 0.5042   ▁█
      virtual   3 min 32 s   round 2.8 s: training 58 %, scoring 25 %, chain 10 %

      trainer     behaviour  state     base  verdict    tally  trust   earned
      trainer-8   noise      sent        v2  refused     -147  0.405     0.00
      trainer-22  noise      sent        v2  refused     -153  0.405     0.00
      trainer-41  signFlip   sent        v2  refused     -805  0.405    -1.00
      trainer-35             sent        v2  accepted     +22  0.513    +0.14
      trainer-77             sent        v2  accepted     +21  0.514    +0.14
      trainer-66             sent        v2  accepted     +24  0.516    +0.14
      trainer-68             sent        v2  accepted     +29  0.517    +0.14
      trainer-83             sent        v2  accepted     +29  0.517    +0.14
      trainer-59             sent        v2  accepted     +34  0.519    +0.14
      trainer-3              sent        v2  accepted     +29  0.520    +0.14
      trainer-29             sent        v2  accepted     +34  0.520    +0.14
      and 89 more: 89 sent; trust 0.521 to 0.557

      validator    behaviour  state      off by bp    mean   earned
      validator-5             awaited          4.9     4.8    +0.60
      validator-8             awaited          5.2     4.8    +0.60
      and 8 more
      the note
      "
    `);
  });

  test('puts Trainers side by side where the terminal is wide', async () => {
    const run = (await FakeRun.of(large)).until(isIn('settlement', 2));
    expect(drawn(run, 200, 50)).toMatchInlineSnapshot(`
      "
      large  round 3 of 30  ███░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░                                                                                                       12 s elapsed, about 1 min 02 s left
      phase     settlement   2 min 59 s left   waits for validators 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
      accuracy  60.40 %   best 60.40 % in round 2   loss 0.5042   ▁▁▁▁████
      virtual   3 min 32 s   round 2.8 s: training 58 %, scoring 25 %, chain 10 %, testing 6 %, merging 2 %

      trainer     behaviour  state     verdict   trust   earned   trainer     behaviour  state     verdict   trust   earned   trainer     behaviour  state     verdict   trust   earned
      trainer-8   noise      sent      refused   0.405     0.00   trainer-9              sent      accepted  0.526    +0.14   trainer-91             sent      accepted  0.536    +0.14
      trainer-22  noise      sent      refused   0.405     0.00   trainer-90             sent      accepted  0.526    +0.14   trainer-50             sent      accepted  0.538    +0.14
      trainer-41  signFlip   sent      refused   0.405    -1.00   trainer-64             sent      accepted  0.527    +0.14   trainer-5              sent      accepted  0.538    +0.14
      trainer-35             sent      accepted  0.513    +0.14   trainer-6              sent      accepted  0.527    +0.14   trainer-48             sent      accepted  0.538    +0.14
      trainer-77             sent      accepted  0.514    +0.14   trainer-49             sent      accepted  0.528    +0.14   trainer-71             sent      accepted  0.538    +0.14
      trainer-66             sent      accepted  0.516    +0.14   trainer-43             sent      accepted  0.528    +0.14   trainer-2              sent      accepted  0.539    +0.14
      trainer-68             sent      accepted  0.517    +0.14   trainer-16             sent      accepted  0.528    +0.14   trainer-15             sent      accepted  0.540    +0.14
      trainer-83             sent      accepted  0.517    +0.14   trainer-14             sent      accepted  0.528    +0.14   trainer-44             sent      accepted  0.540    +0.14
      trainer-59             sent      accepted  0.519    +0.14   trainer-11             sent      accepted  0.529    +0.14   trainer-30             sent      accepted  0.540    +0.14
      trainer-3              sent      accepted  0.520    +0.14   trainer-72             sent      accepted  0.529    +0.14   trainer-33             sent      accepted  0.540    +0.14
      trainer-29             sent      accepted  0.520    +0.14   trainer-31             sent      accepted  0.530    +0.14   trainer-10             sent      accepted  0.540    +0.14
      trainer-70             sent      accepted  0.521    +0.14   trainer-85             sent      accepted  0.530    +0.14   trainer-13             sent      accepted  0.540    +0.14
      trainer-88             sent      accepted  0.521    +0.14   trainer-32             sent      accepted  0.530    +0.14   trainer-21             sent      accepted  0.540    +0.14
      trainer-40             sent      accepted  0.523    +0.14   trainer-99             sent      accepted  0.530    +0.14   trainer-61             sent      accepted  0.541    +0.14
      trainer-65             sent      accepted  0.523    +0.14   trainer-1              sent      accepted  0.531    +0.14   trainer-26             sent      accepted  0.541    +0.14
      trainer-98             sent      accepted  0.523    +0.14   trainer-63             sent      accepted  0.531    +0.14   trainer-67             sent      accepted  0.541    +0.14
      trainer-39             sent      accepted  0.523    +0.14   trainer-97             sent      accepted  0.531    +0.14   trainer-62             sent      accepted  0.541    +0.14
      trainer-23             sent      accepted  0.523    +0.14   trainer-74             sent      accepted  0.532    +0.14   trainer-25             sent      accepted  0.543    +0.14
      trainer-76             sent      accepted  0.523    +0.14   trainer-52             sent      accepted  0.532    +0.14   trainer-51             sent      accepted  0.543    +0.14
      trainer-95             sent      accepted  0.524    +0.14   trainer-7              sent      accepted  0.532    +0.14   trainer-56             sent      accepted  0.543    +0.14
      trainer-36             sent      accepted  0.524    +0.14   trainer-73             sent      accepted  0.532    +0.14   trainer-82             sent      accepted  0.544    +0.14
      trainer-24             sent      accepted  0.524    +0.14   trainer-20             sent      accepted  0.533    +0.14   trainer-54             sent      accepted  0.545    +0.14
      trainer-75             sent      accepted  0.524    +0.14   trainer-87             sent      accepted  0.534    +0.14   trainer-27             sent      accepted  0.545    +0.14
      trainer-94             sent      accepted  0.524    +0.14   trainer-42             sent      accepted  0.535    +0.14   trainer-17             sent      accepted  0.545    +0.14
      trainer-18             sent      accepted  0.524    +0.14   trainer-19             sent      accepted  0.535    +0.14   trainer-89             sent      accepted  0.545    +0.14
      trainer-4              sent      accepted  0.525    +0.14   trainer-79             sent      accepted  0.535    +0.14   trainer-60             sent      accepted  0.546    +0.14
      trainer-84             sent      accepted  0.525    +0.14   trainer-58             sent      accepted  0.535    +0.14   trainer-46             sent      accepted  0.546    +0.14
      trainer-92             sent      accepted  0.525    +0.14   trainer-93             sent      accepted  0.536    +0.14   trainer-86             sent      accepted  0.548    +0.14
      trainer-53             sent      accepted  0.525    +0.14   trainer-80             sent      accepted  0.536    +0.14   trainer-57             sent      accepted  0.550    +0.14
      trainer-28             sent      accepted  0.526    +0.14   trainer-37             sent      accepted  0.536    +0.14   trainer-34             sent      accepted  0.551    +0.14
      and 10 more: 10 sent; trust 0.551 to 0.557

      validator    behaviour  state      off by bp    mean   earned
      validator-0             awaited          4.6     4.5    +0.60
      validator-1             awaited          4.6     4.6    +0.60
      validator-2             awaited          4.6     4.7    +0.60
      validator-3             awaited          4.7     4.5    +0.60
      validator-4             awaited          3.9     4.4    +0.60
      validator-5             awaited          4.9     4.8    +0.60
      validator-6             awaited          4.4     4.3    +0.60
      validator-7             awaited          4.4     4.4    +0.60
      validator-8             awaited          5.2     4.8    +0.60
      validator-9             awaited          4.7     4.8    +0.60
      the note
      "
    `);
  });

  test('in ASCII', async () => {
    const run = (await FakeRun.of(small)).until(isIn('reveal', 4));
    expect(drawn(run, 80, 20, ascii)).toMatchInlineSnapshot(`
      "
      quickstart  round 5 of 12  #######...............  12 s elapsed, about 18 s left
      phase     reveal   1 min 00 s left   waits for validators 0, 1, 2
      accuracy  81.08 %   best 81.08 % in round 4   loss 0.2098   0479
      virtual   5 min 39 s   round 2.3 s: training 46 %, scoring 33 %, chain 13 %

      trainer    behaviour  state     base  verdict    tally  trust             earned
      trainer-0             sent        v4  accepted     +80  0.591  #####...    +5.60
      trainer-1             sent        v4  accepted     +56  0.563  #####...    +5.60
      trainer-2  noise      sent        v4  refused     -147  0.328  ###.....     0.00
      trainer-3             sent        v4  accepted     +44  0.537  ####....    +5.60
      trainer-4             sent        v4  accepted     +29  0.535  ####....    +5.60
      trainer-5  signFlip   sent        v4  refused     -805  0.328  ###.....    -2.00
      trainer-6             sent        v4  accepted     +47  0.554  ####....    +5.60

      validator    behaviour  state      off by bp    mean   earned
      validator-0             awaited          4.4     3.5    +4.00
      validator-1  voteFlip   awaited        350.7   343.2    +4.00
      validator-2             awaited          1.9     3.5    +4.00

      the note
      "
    `);
  });

  test('of a baseline has no votes and no money, and every own model', async () => {
    const run = await FakeBaseline.of(
      'name: pysyft\npreset: fedavg\nrounds: 5\ndata: { partition: digitRanges }\ntrainers: 3\n',
    );
    const moments = run.play();
    for (let i = 0; i < 3; i++) moments.next();
    expect(drawn(run, 80, 14)).toMatchInlineSnapshot(`
      "
      pysyft  round 4 of 5  ████████████████░░░░░░░░░░  12 s elapsed, about 4.0 s left
      fedavg    a server takes the mean of all updates
      accuracy  58.06 %                           ████
                best 58.06 % in round 3           ████
                loss 0.5437                   ▆▆▆▆████
                                              ████████
                                          ▁▁▁▁████████
      virtual   3 min 00 s   round 2.0 s: training 80 %, testing 15 %, merging 5 %

      trainer    behaviour  state     own model
      trainer-0             training    46.64 %
      trainer-1             training    46.64 %
      trainer-2             training    46.64 %
      the note
      "
    `);
  });
});

describe('every frame', () => {
  const moments: RunInProgress[] = [];
  beforeAll(async () => {
    for (const [text, round] of [
      [small, 0],
      [small, 5],
      [large, 1],
    ] as const)
      for (const phase of ['training', 'lineup', 'opening', 'commit', 'reveal', 'settlement'])
        moments.push((await FakeRun.of(text)).until(isIn(phase, round)));
    moments.push(
      (await FakeRun.of(small)).until(() => false),
      await FakeRun.of(small),
    );
    moments.push(await FakeBaseline.of('name: alone\npreset: alone\ntrainers: 40\n'));
  });

  test('fits its terminal, with the note on the last line', () => {
    const size = { width: fc.integer({ min: 1, max: 240 }), height: fc.integer({ min: 1, max: 70 }) };
    fc.assert(
      fc.property(fc.nat({ max: moments.length - 1 }), fc.record(size), (i, { width, height }) => {
        const lines = frame(moments[i]!, width, height);
        expect(lines.length).toBe(height);
        for (const of of lines) expect(widthOf(of)).toBeLessThanOrEqual(width);
        expect(textOf(lines.at(-1)!)).toContain(height > 1 && width >= 8 ? 'the note' : '');
      }),
    );
  });

  test('is ASCII where it has to be', () => {
    for (const run of moments) expect(drawn(run, 100, 40, ascii)).toMatch(/^[\n -~]+$/);
  });

  test('has its numbers in columns that end in one place', () => {
    for (const run of moments) {
      const lines = frame(run, 100, 40).map(textOf);
      const head = lines.find((text) => text.startsWith('trainer ') && text.includes('earned'));
      if (head === undefined) continue;
      const end = head.indexOf('earned') + 'earned'.length;
      for (const text of lines.filter((text) => /^trainer-\d/.test(text))) {
        expect(text.slice(0, end)).toMatch(/\d\.\d\d$/);
        expect(text.slice(end).trim()).toBe('');
      }
    }
  });
});
