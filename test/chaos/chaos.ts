import { setTimeout as pause } from 'node:timers/promises';
import { parseRunFile, type RunPlan } from '#libs/experiment';
import { generator } from '#libs/random';
import { leadToNats, withNetwork } from '../local/network.ts';
import { checkLedger, checkTokens, type Complaints } from '../simulation/checkers.ts';
import { checkPay, checkRounds } from './checkers.ts';
import { faults, type Scene, type WorldFault } from './faults.ts';
import { ledgerEvents, Progress } from './progress.ts';
import { Proxy } from './proxy.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** Each fault comes once, and then again and again until so many rounds are settled. */
  readonly rounds: number;
  /** What the names of faults have to contain; empty: all of them come. */
  readonly only: string;
  readonly say: (line: string) => void;
}

/** Windows are short, so that it does not take long until nobody waits any more for those who are away. */
const runFile = (seed: number): string => `
name: chaos
seed: ${seed}
rounds: 1000
model: logistic
data: { dataset: mnist, samplesPerTrainer: 200, samplesPerValidator: 200, testSamples: 100 }
training: { epochs: 1, batchSize: 32, optimizer: { kind: sgd, learningRate: 0.05 } }
trainers: 4
validators: 3
scheme: { kind: bsp, period: 6 s }
windows: { gathering: 5 min, lineup: 4 s, opening: 4 s, commit: 4 s, reveal: 4 s, settlement: 4 s }
`;

/**
 * Longest time from a fault, or its end, to the end of a round that was opened after it. Where all nodes start again, two rounds
 * may come to nothing first, of which each takes half a minute: what a slow machine adds must not decide.
 */
const patienceMs = 180_000;
/** Faults come at any instant of a round, which takes about so long. */
const roundMs = 1_500;

/** Lets things break while a run goes on. @returns what was wrong with the run: nothing, for a good one */
export async function chaos({ seed, rounds, only, say }: ChaosOptions): Promise<Complaints> {
  const { plan } = await parseRunFile(runFile(seed), { file: 'chaos', folder: '.' });
  const random = generator('chaos').split('seed', seed);
  return withNetwork(plan, async ({ network, folder }) => {
    const { ledger, run } = network.connections;
    const line = new Proxy(network.servers.nats.urls[0]!);
    await line.open();
    leadToNats(network, `validator-${random.integer(plan.validators.length)}`, [line.host]);
    const scene: Scene = { network, folder, random, line };
    const progress = new Progress(ledger, run.domain.number);
    try {
      await network.startNodes();
      await progress.until(0, patienceMs);
      const chosen = faults.filter(({ name }) => name.includes(only));
      for (const fault of sequenceOf(chosen, random, () => progress.settled + 1 >= rounds)) {
        await pause(random.integer(roundMs));
        await endure(fault, scene, progress, say);
      }
      return await complaintsOf(plan, scene);
    } finally {
      progress.stop();
      line.cut();
    }
  });
}

/** Each of them once, in an order that is drawn; then all of them again, until it is enough. */
function* sequenceOf(
  chosen: readonly WorldFault[],
  random: Scene['random'],
  isEnough: () => boolean,
): Generator<WorldFault> {
  do {
    for (const i of random.permutation(chosen.length)) yield chosen[i]!;
  } while (!isEnough());
}

/** Lets one thing break and get well again, and waits for a whole round afterwards. */
async function endure(
  { name, lasts, inflict }: WorldFault,
  scene: Scene,
  progress: Progress,
  say: ChaosOptions['say'],
): Promise<void> {
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const before = await progress.now();
  const another = async (than: number): Promise<void> => {
    await progress.until(than + 1, patienceMs).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`);
    });
  };
  const heal = await inflict(scene);
  if (lasts === 'a round') {
    await another(before);
    say(`${name}: round ${progress.settled} ended after ${seconds()} in spite of it`);
  } else if (lasts !== undefined) await pause(lasts);
  await heal?.();
  await another(heal === null ? before : await progress.now());
  say(`${name}: round ${progress.settled} ended after ${seconds()}`);
}

async function complaintsOf(plan: RunPlan, { network }: Scene): Promise<Complaints> {
  const { ledger, run } = network.connections;
  const number = run.domain.number;
  // Rounds go on meanwhile: everything is looked at when the nodes are silent.
  await network.endNodes();
  const events = await ledgerEvents(ledger);
  const members = network.cast.actors.map(({ id }) => id);
  const accounts = [...members, network.cast.sponsor.address];
  const { economy } = plan;
  const mintedWei = economy.budgetWei + economy.purseWei * BigInt(members.length);
  return [
    ...checkRounds(events),
    ...checkLedger(events, plan.protocol.quorum),
    ...(await checkTokens({ ledger, run: number, accounts, mintedWei })),
    ...(await checkPay(ledger, number, members, events)),
  ];
}

export const replayOf = (seed: number): string => `FLOBC_CHAOS_SEED=${seed} npm test test/chaos`;
