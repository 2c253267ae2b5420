import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunResult } from '#libs/simulation';
import { FakeRun } from '../fake-run.fixture.ts';
import type { RunOutcome } from '../report.ts';
import { ascii, unicode } from '../text/glyphs.ts';
import { textOf, widthOf } from '../text/line.ts';
import { endingOf } from './ending.ts';

const outcomes = new Map<string, RunOutcome>();
async function outcomeOf(name: string, rest: string): Promise<void> {
  const run = (await FakeRun.of(`name: ${name}\nrounds: 8\n${rest}`)).until(() => false);
  outcomes.set(name, { plan: run.plan, result: run.result(), written: [`runs/${name}-1-1`], resume: null });
}
beforeAll(async () => {
  await outcomeOf(
    'small',
    'trainers: { count: 5, behaviours: [{ kind: signFlip, at: [1] }] }\nvalidators: { count: 3, behaviours: [{ kind: voteFlip, at: [0] }] }\n',
  );
  await outcomeOf('large', 'trainers: { count: 80, behaviours: [{ kind: noise, std: 1, at: [7, 70] }] }\n');
});

const written = (outcome: RunOutcome, width = Infinity) =>
  endingOf(outcome, { width, glyphs: unicode }).map((of) => textOf(of).trimEnd());
const small = () => outcomes.get('small')!;

const withResult = (change: Partial<RunResult>): RunOutcome => ({
  ...small(),
  result: { ...small().result, ...change },
});

describe('the end of a run', () => {
  test('has who is trusted least next to the prompt, and what everybody got', () => {
    expect(`\n${written(small()).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      validator    behaviour  off by bp  rewards  penalties  profit  idle
      validator-2                   3.0   +8.000      0.000  +8.000  52 %
      validator-1                   3.1   +8.000      0.000  +8.000  49 %
      validator-0  voteFlip       399.7   +8.000      0.000  +8.000  24 %

      trainer    behaviour  accepted  refused  trust  rewards  penalties   profit  idle
      trainer-0                    8        0  0.651  +14.000      0.000  +14.000  20 %
      trainer-2                    8        0  0.598  +14.000      0.000  +14.000  32 %
      trainer-3                    8        0  0.561  +14.000      0.000  +14.000  71 %
      trainer-4                    8        0  0.558  +14.000      0.000  +14.000  95 %
      trainer-1  signFlip          0        8  0.215    0.000     -4.000   -4.000   6 %

      finished after 8 rounds
      accuracy    94.24 %, best 94.24 % in round 8, loss 0.0593   ▁▃▅▆▇▇██
      time        8 min 54 s virtual, 18 s of this machine
      written     runs/small-1-1
      "
    `);
  });

  test('says who was jailed, where somebody was', () => {
    const { actors } = small().result;
    const jailed = actors.map((actor) =>
      actor.name === 'trainer-1' ? { ...actor, jailedUntilRound: 14 } : actor,
    );
    const lines = written(withResult({ actors: jailed }));
    expect(lines.find((text) => text.startsWith('trainer '))).toMatch(/ jailed to$/);
    expect(lines.find((text) => text.startsWith('trainer-1 '))).toMatch(/ round 15$/);
  });

  test('shows the ends of long tables', () => {
    const lines = written(outcomes.get('large')!);
    const from = lines.findIndex((text) => text.startsWith('trainer '));
    const table = lines.slice(from, lines.indexOf('', from));
    expect(table).toHaveLength(1 + 10 + 1 + 40);
    expect(table[11]).toBe('and 30 more');
    expect(table.slice(-2).map((text) => text.split(/ +/)[1])).toEqual(['noise', 'noise']);
  });

  test('says that a run was halted or stopped, and how it goes on', () => {
    expect(written(withResult({ end: 'halted' }))).toContain('halted after 8 rounds');
    const stopped = written({ ...withResult({ end: 'stopped' }), resume: 'flobc run x --resume y' });
    expect(stopped).toContain('stopped after 8 rounds');
    expect(stopped.at(-1)).toBe('go on with  flobc run x --resume y');
  });

  test('counts void rounds, and does without a model', () => {
    const void_ = small().result.rounds.map((round) => ({
      ...round,
      result: 'void' as const,
      accuracy: null,
      loss: null,
    }));
    const lines = written(withResult({ rounds: void_ }));
    expect(lines).toContain('finished after 8 rounds, 8 of them void');
    expect(lines).toContain('accuracy    no model was released');
  });

  test('of a regression speaks of loss', () => {
    const rounds = small().result.rounds.map((round) => ({ ...round, accuracy: null }));
    expect(written(withResult({ rounds })).find((text) => text.startsWith('loss'))).toMatch(
      /^loss {8}0\.0593, best 0\.0593 in round 8 {3}█/,
    );
  });

  test('is nowhere wider than the terminal, but for paths and commands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.constantFrom('small', 'large'), (width, name) => {
        const lines = endingOf(outcomes.get(name)!, { width, glyphs: ascii });
        const from = lines.findIndex((of) => textOf(of).startsWith('finished'));
        for (const of of lines.slice(0, from)) expect(widthOf(of)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
