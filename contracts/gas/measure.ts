import { Rehearsal, type Act, type Course, type Score } from '../rehearsal/rehearsal.ts';

/** A network of this many Trainers and Validators. */
export interface Size {
  trainers: number;
  validators: number;
}

export interface RoundGas {
  /** Gas of all transactions of the round together. */
  total: number;
  /** Gas of each operation, added up over its transactions. */
  operations: Record<string, number>;
  /** The most that one transaction used. */
  largest: number;
  transactions: number;
}

export interface Snapshot {
  policy: string;
  /** What happens once: joining, claiming and the like, at 10 Trainers and 3 Validators. */
  once: Record<string, number>;
  /** The third round, by size ("10T/3V"), its ballots revealed by the settlement. */
  rounds: Record<string, RoundGas>;
  /** The third round at 10 Trainers and 3 Validators where ballots are revealed on chain before. */
  revealed: Record<'batch' | 'each', RoundGas>;
}

export const sizes: readonly Size[] = [
  { trainers: 5, validators: 3 },
  { trainers: 10, validators: 3 },
  { trainers: 25, validators: 7 },
  { trainers: 25, validators: 10 },
  { trainers: 100, validators: 10 },
  { trainers: 256, validators: 32 },
];

/** Gas of a Trainer more, where ten Validators score it. */
export const growthOf = ({ rounds }: Pick<Snapshot, 'rounds'>): number =>
  Math.round((rounds['100T/10V']!.total - rounds['25T/10V']!.total) / 75);

export const nameOf = ({ trainers, validators }: Size) => `${trainers}T/${validators}V`;

/** Updates that differ, Validators that nearly agree, and the odd bad update: no two scores of a ballot alike. */
const score: Score = (validator, trainer, round) =>
  ((trainer * 37 + round * 11) % 211) - 20 + ((validator * 31 + trainer * 17 + round * 5) % 23);

/** Whole lineups are settled in one transaction where they fit below the limit of a transaction, else in chunks. */
const chunk = 160;

/** Gas of the third round: every slot that a round writes has been written before. */
export async function measureRound(
  size: Size,
  revealing: Course['revealing'] = 'settlement',
): Promise<RoundGas> {
  const rehearsal = await Rehearsal.start({ ...size, score });
  try {
    let acts: Act[] = [];
    for (let round = 0; round < 3; round++) acts = await rehearsal.wholeRound({ limit: chunk, revealing });
    const operations: Record<string, number> = {};
    for (const { name, gas } of acts) operations[name] = (operations[name] ?? 0) + gas;
    const total = acts.reduce((sum, act) => sum + act.gas, 0);
    return { total, operations, largest: Math.max(...acts.map((act) => act.gas)), transactions: acts.length };
  } finally {
    await rehearsal.chain.close();
  }
}

/** Gas of what is not part of a round. */
async function measureOnce(): Promise<Record<string, number>> {
  const rehearsal = await Rehearsal.start({ trainers: 10, validators: 3, score });
  try {
    await rehearsal.wholeRound();
    await rehearsal.wholeRound();
    const { name, address } = rehearsal.trainers[0]!;
    await rehearsal.claim(address, name);
    await rehearsal.openRound();
    await rehearsal.closePhase();
    const names = ['createRun', 'fund', 'bond', 'joinRun', 'claim', 'closePhase'];
    return Object.fromEntries(
      names.map((what) => [what, rehearsal.acts.findLast((act) => act.name === what)!.gas]),
    );
  } finally {
    await rehearsal.chain.close();
  }
}

export async function measure(which: readonly Size[] = sizes): Promise<Snapshot> {
  const rounds: Record<string, RoundGas> = {};
  for (const size of which) rounds[nameOf(size)] = await measureRound(size);
  const small = { trainers: 10, validators: 3 };
  const revealed = { batch: await measureRound(small, 'batch'), each: await measureRound(small, 'each') };
  return { policy: 'ProportionalPolicy', once: await measureOnce(), rounds, revealed };
}
