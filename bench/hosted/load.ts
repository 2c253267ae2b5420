import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseRunFile, type RunPlan } from '#libs/experiment';
import type { LocalNetwork } from '#libs/local';
import { generator } from '#libs/random';
import { layGround, privateKeyOf } from '#libs/simulation';
import { withNetwork } from '../../test/local/network.ts';
import { bareSeconds } from '../round/bare.ts';
import type { Harm, Harmed, HostileConfig } from './harms.ts';
import { cpuBetween, type Used, usedBy } from './processes.ts';
import { RoundWatch, type TimedRound } from './round-watch.ts';

export interface Size {
  readonly trainers: number;
  readonly validators: number;
  readonly samplesPerTrainer: number;
}

/** Rounds of a network under one condition. */
export interface Stretch {
  readonly rounds: readonly TimedRound[];
  /** That all of it took. */
  readonly seconds: number;
  /** A round's share, by role. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** That NATS took in and gave out, a round. */
  readonly wireBytes: number;
  readonly used: readonly Used[];
  /** Processes of this machine that wanted to run, these included: its mean over a minute. */
  readonly load: number;
  /** Messages that somebody who looks on has refused, as every node has. */
  readonly refused: Readonly<Record<string, number>>;
  /** What the hostile client has done; null if there was none. */
  readonly harmed: Harmed | null;
}

/** Longest that is waited for the rounds of a stretch. */
const longestMs = 180_000;

/** A run on a network of this size, and one Trainer more that has credentials and no process. */
export async function planOf({ trainers, validators, samplesPerTrainer }: Size): Promise<RunPlan> {
  const most = 10_000;
  const file = {
    name: 'load',
    seed: 1,
    rounds: most,
    model: 'mlp-200',
    data: { dataset: 'mnist', samplesPerTrainer, samplesPerValidator: 1_000, testSamples: 100 },
    training: { epochs: 1, batchSize: 32, optimizer: { kind: 'sgd', learningRate: 0.05 } },
    trainers: { count: trainers + 1, groups: [{ at: [trainers], joinsAtRound: most - 1 }] },
    validators,
    scheme: { kind: 'bsp', period: '2 min' },
  };
  return (await parseRunFile(JSON.stringify(file), { file: 'load', folder: '.' })).plan;
}

/** Seconds of the bare arithmetic of a round on all cores of this machine, and nothing else. */
export async function arithmeticOf(plan: RunPlan): Promise<number> {
  const ground = await layGround(plan);
  try {
    const working = { ...ground, shards: ground.shards.slice(0, -1) };
    await bareSeconds(working, plan);
    const seconds: number[] = [];
    for (let i = 0; i < 3; i++) seconds.push(await bareSeconds(working, plan));
    return median(seconds);
  } finally {
    await ground.learner.close();
  }
}

/** Lets a network run, quietly and then under each harm in turn, and quietly again if there was any. */
export function underLoad(
  plan: RunPlan,
  harms: readonly Harm[],
  rounds: number,
): Promise<readonly { readonly harm: Harm | null; readonly stretch: Stretch }[]> {
  return withNetwork(plan, async ({ network, folder }) => {
    const watch = new RoundWatch(plan, network);
    await watch.start();
    await network.startNodes([trainersOf(network).at(-1)!.id]);
    // The first ones pay for what is warm afterwards.
    await watch.next(3);
    const stretches: { harm: Harm | null; stretch: Stretch }[] = [];
    const conditions = harms.length === 0 ? [null] : [null, ...harms, null];
    for (const harm of conditions) {
      stretches.push({ harm, stretch: await stretchOf(plan, network, folder, watch, harm, rounds) });
      process.stderr.write(`${harm ?? 'quiet'}: ${roundSeconds(stretches.at(-1)!.stretch).toFixed(2)} s\n`);
    }
    watch.stop();
    return stretches;
  });
}

async function stretchOf(
  plan: RunPlan,
  network: LocalNetwork,
  folder: string,
  watch: RoundWatch,
  harm: Harm | null,
  count: number,
): Promise<Stretch> {
  const hostile = harm === null ? null : startHostile(plan, network, harm, watch);
  // The one that is open has begun before.
  await watch.next(1, longestMs);
  const start = performance.now();
  const before = {
    used: usedBy(folder),
    bytes: await network.servers.nats.movedBytes(),
    refused: refusedBy(network, watch),
  };
  const rounds = await watch.next(count, longestMs);
  const seconds = (performance.now() - start) / 1000;
  const used = usedBy(folder);
  const bytes = await network.servers.nats.movedBytes();
  const cpu = Object.entries(cpuBetween(before.used, used));
  return {
    rounds,
    cpuSeconds: Object.fromEntries(
      cpu.map(([role, seconds]) => [role, seconds / Math.max(1, rounds.length)]),
    ),
    seconds,
    wireBytes: (bytes - before.bytes) / Math.max(1, rounds.length),
    used,
    load: loadavg()[0]!,
    refused: difference(refusedBy(network, watch), before.refused),
    harmed: hostile === null ? null : await hostile.end(),
  };
}

function refusedBy(network: LocalNetwork, watch: RoundWatch): Record<string, number> {
  return { ...watch.refused, ...network.bus.counts.refused };
}

const difference = (after: Record<string, number>, before: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([code, count]) => [code, count - (before[code] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

const trainersOf = ({ cast }: LocalNetwork) => cast.actors.filter(({ role }) => role === 'trainer');

/** Replays are of a member's own messages; everything else comes from one who takes no part. */
function startHostile(plan: RunPlan, network: LocalNetwork, harm: Harm, watch: RoundWatch) {
  const trainers = trainersOf(network);
  const me = harm === 'replay' ? trainers[0]! : trainers.at(-1)!;
  const { domain } = network.connections.run;
  const config: HostileConfig = {
    harm,
    link: network.linkOf(me.id),
    run: domain.run,
    chainId: String(domain.chainId),
    ledger: domain.ledger,
    number: String(domain.number),
    me: me.id,
    key: Buffer.from(privateKeyOf(generator(plan.seed), me.name)).toString('hex'),
    other: trainers[1]!.id,
  };
  const file = join(network.place(), `${harm}.json`);
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const program = fileURLToPath(new URL('hostile.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program, '--config', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = watch.receipts.get(me.id);
  if (harm === 'replay' && said !== undefined) child.stdin.write(`${Buffer.from(said).toString('hex')}\n`);
  return { end: () => endHostile(child, file) };
}

async function endHostile(child: ChildProcess, file: string): Promise<Harmed> {
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin!.end();
  await ended;
  rmSync(file);
  return JSON.parse(said) as Harmed;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

export const roundSeconds = ({ rounds }: Stretch): number => median(rounds.map(({ whole }) => whole));
