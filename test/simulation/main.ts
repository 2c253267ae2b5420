// Small simulated runs with random faults and hostile actors, one seed each; --seed N runs one and says more.
import { parseArgs } from 'node:util';
import { openBench, replayOf, soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '500' },
    events: { type: 'boolean', default: false },
  },
});
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, i) => i)
    : [Number(values.seed)];
const bench = await openBench();
let failures = 0;
for (const seed of seeds) {
  const start = performance.now();
  const { result, complaints, events } = await soak(seed, bench);
  if (values.events)
    for (const event of events)
      say(JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
  const rounds = result.rounds.map((round) => round.result[0]).join('');
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(
    `seed ${seed}: ${result.end} ${rounds} in ${seconds} s, ${(result.virtualMs / 1000).toFixed(0)} s virtual`,
  );
  for (const complaint of complaints) say(`  ${complaint}\n  replay with: ${replayOf(seed)}`);
  failures += complaints.length > 0 ? 1 : 0;
}
await bench.learner.close();
say(`${seeds.length - failures} of ${seeds.length} seeds are in order`);
process.exit(failures === 0 ? 0 : 1);
