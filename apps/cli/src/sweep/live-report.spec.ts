import { expect, test } from 'vitest';
import { parseSweepFile } from '#libs/experiment';
import { LiveSweepReport } from './live-report.ts';
import { sweepText } from './sweep.fixture.ts';

test('a sweep with workers says who they are, who runs what, and what was lost', async () => {
  const sweep = await parseSweepFile(sweepText, 'sweep.yaml');
  const left = sweep.trials;
  let written = '';
  const report = new LiveSweepReport({ write: (part) => (written += part), columns: 100, isTTY: true }, 2);
  const said = (): string => {
    const text = written;
    written = '';
    return text;
  };
  const secondsOf = new Map(left.map(({ id }) => [id, 10]));
  report.planned({ ...{ sweep, left, secondsOf }, out: 'out', jobs: 1, redis: 'redis://host', seconds: 40 });
  expect(said()).toContain('1 at a time by the workers at redis://host');
  report.crew([
    { name: 'here', parallel: 1 },
    { name: 'there', parallel: 3 },
  ]);
  expect(said()).toContain('2 workers: here, there (3 at a time)\n0 of 4 trials, about 10 s left');
  report.started(left[0]!, 'there');
  report.round(left[0]!, 0, 0.5);
  expect(said()).toContain('  trainers 3, seed 1  round 1/2  50.00 %  there\n');
  report.failed(left[0]!, 'there has gone or given it back', true);
  expect(said()).toContain('trainers 3, seed 1: there has gone or given it back; once more\n0 of 4');
  report.crew([]);
  expect(said()).toContain('no worker\n');
});
