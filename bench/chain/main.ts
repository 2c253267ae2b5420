// Time of transactions, previews and watching on the EVM inside the process. Writes docs/results/chain.md.
//
// npm run bench chain [-- --rounds 20] [-- --dry-run]
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Done, Stage, Watching } from '#libs/ports';
import { inProcessWorld } from '#libs/testkit';
import { ballotCommitment, lineupDigest } from '#libs/wire';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, 'dry-run': { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);
const trainers = 10;
const validators = 3;
/** One for each node of such a run, and one for whoever looks on. */
const watchers = trainers + validators + 1;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

class Times {
  readonly #times = new Map<string, { wallMs: number; cpuMs: number }[]>();

  /** Runs the work and notes what it took, under a name. CPU time is that of all of the process's threads. */
  async of<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const startMs = performance.now();
    const result = await work();
    const wallMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    const list = this.#times.get(name) ?? [];
    this.#times.set(name, list);
    list.push({ wallMs, cpuMs: (user + system) / 1000 });
    return result;
  }

  /** Median and least time and the median of the CPU time, without the first half, in which the compiler warms up. */
  row(name: string): string {
    const times = this.#times.get(name)!;
    const warm = times.slice(times.length >> 1);
    const wallMs = warm.map((time) => time.wallMs);
    const cells = [median(wallMs), Math.min(...wallMs), median(warm.map((time) => time.cpuMs))];
    return `| ${name} | ${cells.map((cell) => cell.toFixed(2)).join(' | ')} |`;
  }

  /** Median of the CPU time: what it takes where nothing else runs, measured where other things do. */
  cpuMs(name: string): number {
    const times = this.#times.get(name)!;
    return median(times.slice(times.length >> 1).map(({ cpuMs }) => cpuMs));
  }
}

const times = new Times();
const world = await inProcessWorld();
const stage = await Stage.of(world, trainers, validators);
const { run, ledger } = stage;
const expect = (sent: { kind: string }): Done => {
  if (sent.kind !== 'done') throw new Error(`a transaction was refused: ${JSON.stringify(sent)}`);
  return sent as Done;
};

/** A round as nodes do it: the settlement reveals. */
async function round(name: (what: string) => string): Promise<void> {
  await times.of(name('openRound'), () => stage.open());
  const { round: number, proposers, release, committee } = await stage.state();
  const lineup = await stage.lineup();
  const lineupHash = lineupDigest(run, number, lineup);
  const endorsement = await stage.endorse('lineup', release, lineupHash);
  const proposer = stage.validators.find(({ id }) => id === proposers[0])!;
  await times.of(name('proposeLineup'), async () =>
    expect(await proposer.act.rounds.proposeLineup(run, lineup, endorsement)),
  );
  for (const { seat, scores, salt } of await stage.ballots()) {
    const { validator } = committee[seat]!;
    const commitment = ballotCommitment({ run, round: number, lineup: lineupHash, validator, scores, salt });
    const { act } = stage.validators.find(({ id }) => id === validator)!;
    await times.of(name('commit'), async () =>
      expect(await act.rounds.commit(run, number, seat, commitment)),
    );
  }
  const ballots = await stage.settled();
  const preview = await times.of(name('preview'), () => ledger.previewSettlement(run, ballots));
  if (preview.kind !== 'previewed') throw new Error(preview.name);
  await times.of(name('preview that another has asked for'), () => ledger.previewSettlement(run, ballots));
  const model = `0x${(number + 1).toString(16).padStart(64, '0')}` as const;
  const certificate = { modelDigest: model, ...(await stage.endorse('certificate', preview.parent, model)) };
  await times.of(name('settle'), async () =>
    expect(await proposer.act.settlement.settle(run, ballots, certificate)),
  );
}

for (let i = 0; i < rounds; i++) await round((what) => what);
for (let i = 0; i < 20 * rounds; i++)
  await times.of('mint', async () => expect(await stage.sponsor.act.token.mint(stage.sponsor.id, 1n)));

// The same with everybody watching; what it takes more is the watching.
const fromBlock = (await ledger.head()).number + 1;
const watching = Array.from({ length: watchers }, () => new Watching(ledger, { fromBlock }));
const watched = (what: string) => `${what}, watched by ${watchers}`;
for (let i = 0; i < 2 * rounds; i++) {
  await times.of(watched('a round'), async () => {
    await round(watched);
    const head = await ledger.head();
    for (const one of watching) await one.until(({ standing }) => standing.at(-1)?.block.hash === head.hash);
  });
}
for (const one of watching) await one.stop();
for (let i = 0; i < 2 * rounds; i++) await times.of('a round', () => round((what) => what));
await world.close();

const transactions = ['openRound', 'proposeLineup', 'commit', 'settle', 'mint'];
const meanMs =
  (times.cpuMs('openRound') +
    times.cpuMs('proposeLineup') +
    validators * times.cpuMs('commit') +
    times.cpuMs('settle')) /
  (3 + validators);
const blocks = 3 + validators;
const watchMs = (times.cpuMs(watched('a round')) - times.cpuMs('a round')) / (blocks * watchers);
const freshMs = times.cpuMs('preview');

const report = `# The chain inside the process

Time of one call in a run of ${trainers} Trainers and ${validators} Validators, in ms: a transaction is encoded, signed, executed in a block of its
own, and its receipt's events are decoded. CPU time is that of all threads. Warm; ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, Node
${process.versions.node}.

| what | median | least | CPU |
| --- | ---: | ---: | ---: |
${[...transactions, 'preview', 'preview that another has asked for'].map((name) => times.row(name)).join('\n')}
${['a round', watched('a round')].map((name) => times.row(name)).join('\n')}

By CPU time, which is what it takes where nothing else runs:

- A transaction of a round takes ${meanMs.toFixed(2)} ms on the average (goal: 3).
- A preview takes ${freshMs.toFixed(2)} ms (goal: 5).
- Watching takes ${watchMs.toFixed(3)} ms a watcher and block, of ${watchers} watchers.

A round here has a preview of a Validator, one of the same by another, and what a test looks up besides.

Made by \`npm run bench chain\`.
`;

process.stdout.write(report);
if (!options['dry-run']) {
  mkdirSync('docs/results', { recursive: true });
  writeFileSync('docs/results/chain.md', report);
}
