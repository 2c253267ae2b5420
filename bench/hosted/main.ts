// Time of a round in networks of processes on this machine, by its parts, by size, and with clients that mean harm. Writes
// docs/results/hosted.md; Linux only.
//
// npm run bench hosted [-- --rounds 5] [-- --trainers 5,10] [-- --harms flood,junk] [-- --no-harm] [-- --dry-run]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { harms } from './harms.ts';
import { arithmeticOf, planOf, type Size, underLoad } from './load.ts';
import { pageOf, type Sized } from './page.ts';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rounds: { type: 'string', default: '5' },
    trainers: { type: 'string', default: '5,10,20,30,40' },
    harm: { type: 'boolean', default: true },
    harms: { type: 'string', default: harms.join() },
    'dry-run': { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const named = options.harms.split(',').map((name) => {
  const harm = harms.find((one) => one === name);
  if (harm === undefined) throw new Error(`there is no harm "${name}"; there are ${harms.join(', ')}`);
  return harm;
});
const validators = 7;
/** The size that harm is done to, and that the goal is about. */
const asked = 30;

const machine = `${cpus()[0]!.model}, ${cpus().length} cores; Node ${process.version}`;
const sized: Sized[] = [];
for (const trainers of options.trainers.split(',').map(Number)) {
  const size: Size = { trainers, validators, samplesPerTrainer: 600 };
  process.stderr.write(`${trainers} Trainers, ${validators} Validators\n`);
  const plan = await planOf(size);
  const arithmetic = await arithmeticOf(plan);
  const chosen = options.harm && trainers === asked ? named : [];
  sized.push({ size, arithmetic, stretches: await underLoad(plan, chosen, rounds) });
  // It takes long: what there is so far is not lost.
  if (!options['dry-run']) writeFileSync('docs/results/hosted.md', pageOf(sized, { rounds, asked, machine }));
}
process.stdout.write(pageOf(sized, { rounds, asked, machine }));
process.exit();
