import { openReport } from './open-report.ts';
import { FakeRun } from './fake-run.fixture.ts';

// Plays a made-up run on this terminal, to look at: node --conditions=source apps/cli/src/run/demo.fixture.ts [trainers]
const count = Number(process.argv[2] ?? 7);
const hostile =
  count > 20
    ? '{ kind: noise, std: 0.1, share: 0.1 }, { kind: signFlip, share: 0.05 }'
    : '{ kind: noise, std: 0.1, at: [2] }, { kind: signFlip, at: [5] }';
const text = `
name: quickstart
rounds: 12
trainers: { count: ${count}, behaviours: [${hostile}] }
validators: { count: ${process.argv[3] ?? 3}, behaviours: [{ kind: voteFlip, at: [1] }] }
economy: { purse: 1000 }
${process.argv[5] ?? ''}
`;
const paceMs = Number(process.argv[4] ?? 30);

const run = await FakeRun.of(text);
const report = openReport({
  ...{ json: process.argv.includes('--json'), quiet: process.argv.includes('--quiet') },
  ...{ terminal: process.stdout, side: process.stderr, environment: process.env, platform: process.platform },
  clock: () => performance.now(),
});
report.preparing('loading the data');
report.started?.(run);
for (const moment of run.play()) {
  if ('events' in moment) report.events?.(moment.events, run);
  else report.round?.(moment.round, run);
  await new Promise((resolve) => setTimeout(resolve, paceMs));
}
report.end({
  plan: run.plan,
  result: run.result(),
  written: ['runs/quickstart-1-1/summary.json'],
  resume: null,
});
