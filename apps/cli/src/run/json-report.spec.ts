import { expect, test } from 'vitest';
import { parsePlan } from '#libs/experiment';
import { formatEvent, parseEvent } from '#libs/wire';
import type { Event } from '#libs/protocol';
import { FakeRun } from './fake-run.fixture.ts';
import { JsonReport } from './json-report.ts';

type JsonLine = Record<string, unknown> & { readonly kind: string };

async function told(isQuiet: boolean) {
  const run = await FakeRun.of('name: quickstart\nrounds: 2\n');
  const [out, side]: [string[], string[]] = [[], []];
  const report = new JsonReport({
    output: { write: (text) => out.push(text) },
    side: { write: (text) => side.push(text) },
    isQuiet,
  });
  const events: Event[] = [];
  report.warn(['odd']);
  report.started(run);
  for (const moment of run.play()) {
    if ('events' in moment) {
      report.events(moment.events);
      events.push(...moment.events);
    } else report.round(moment.round);
  }
  report.stopping();
  report.end({ plan: run.plan, result: run.result(), written: ['runs/x'], resume: null });
  report.close();
  const text = out.join('');
  expect(text.endsWith('\n')).toBe(true);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine);
  return { run, events, lines, text, side: side.join('') };
}

test('each line is JSON: the start, every event and round as they come, the result', async () => {
  const { lines, events, side } = await told(false);
  expect(lines[0]!.kind).toBe('started');
  expect(lines.at(-1)!.kind).toBe('result');
  expect(lines.filter(({ kind }) => kind === 'event')).toHaveLength(events.length);
  expect(lines.filter(({ kind }) => kind === 'round')).toHaveLength(2);
  expect(side).toBe('warning odd\nstopping at the end of the round; Ctrl-C again exits at once\n');
});

test('events are spelled as in events.jsonl', async () => {
  const { text, events } = await told(false);
  const spelled = text
    .split('\n')
    .filter((line) => line.startsWith('{"kind":"event",'))
    .map((line) => line.slice('{"kind":"event","event":'.length, -1));
  expect(spelled).toEqual(events.map(formatEvent));
  expect(parseEvent(spelled[0]!)).toMatchObject({ kind: 'read' });
});

test('the start has the whole plan and who takes part, and nobody has a key', async () => {
  const { lines, run } = await told(false);
  const { configuration, cast } = lines[0]!;
  expect(parsePlan(configuration)).toEqual(run.plan);
  expect(cast).toEqual(run.cast);
});

test('tokens are decimal digits', async () => {
  const { lines } = await told(false);
  const { actors, rounds, written, resume } = lines.at(-1)!;
  expect(actors).toContainEqual(
    expect.objectContaining({ name: 'trainer-0', profitWei: '2000000000000000000' }),
  );
  expect({ rounds, written, resume }).toEqual({ rounds: 2, written: ['runs/x'], resume: null });
  const [round] = lines.filter(({ kind }) => kind === 'round');
  expect(round).toMatchObject({
    round: 0,
    verdicts: [{ rewardWei: '1000000000000000000' }, {}, {}, {}, {}, {}, {}],
  });
});

test('quiet is the result alone', async () => {
  const { lines } = await told(true);
  expect(lines.map(({ kind }) => kind)).toEqual(['result']);
});

test('an actor with more than it should show shows no more', async () => {
  const run = await FakeRun.of('name: quickstart\n');
  let written = '';
  const output = { write: (text: string) => (written += text) };
  const withKeys = run.cast.map((member) => ({ ...member, signer: { key: 'secret' } }));
  const { plan, state, nowMs, rounds } = run;
  const seen = { plan, state, nowMs, rounds, activityOf: () => 'idle' as const, earnedWei: () => 0n };
  new JsonReport({ output, side: output, isQuiet: false }).started({ ...seen, cast: withKeys });
  expect(written).not.toContain('secret');
});
