/**
 * Trainers over thirty rounds under a policy of the paper model, with tallies drawn as leave-one-out scores were
 * measured on MNIST: all honest, about 30 % slightly negative, down to -134 basis points; with one sign-flipper among
 * seven, +4 to +323 for the honest and -82 to -1,032 for the flipper.
 */
import { type Generator, generator } from '#libs/random';
import { type LineupEntry, type Policy, TRUST_ONE } from './paper.ts';

export const ROUNDS = 30;

/** The reward pool of a round; a bond of ten rounds' pools. */
const POOL_WEI = 10n ** 20n;
const BOND_WEI = 10n * POOL_WEI;

export interface Trainer {
  /** The tally of this Trainer's update in a round. */
  readonly draw: (random: Generator) => number;
}

export const honestAmongHonest: Trainer = { draw: (random) => 40 + 75 * random.normal() };
export const honestBesideFlipper: Trainer = { draw: (random) => 4 + 319 * random.uniform() };
export const signFlipper: Trainer = { draw: (random) => -82 - 950 * random.uniform() };
/** Sends nothing new: the merge is as good with it as without it. */
export const freeRider: Trainer = { draw: (random) => 10 * random.normal() };

export interface Career {
  judged: number;
  refused: number;
  jails: number;
  trust: number;
  rewardWei: bigint;
  penaltyWei: bigint;
}

/** What becomes of each Trainer; jailed ones sit out their rounds. */
export function careers(
  policy: Policy,
  trainers: readonly Trainer[],
  initialTrust: number,
  seed: string,
): Career[] {
  const random = trainers.map((_, i) => generator(seed).split('trainer', i));
  const notes = trainers.map(() => 0n);
  const freeFrom = trainers.map(() => 0);
  const all = trainers.map((): Career => ({
    judged: 0,
    refused: 0,
    jails: 0,
    trust: initialTrust,
    rewardWei: 0n,
    penaltyWei: 0n,
  }));
  for (let number = 0; number < ROUNDS; number++) {
    const present = trainers.map((_, i) => i).filter((i) => freeFrom[i]! <= number);
    const lineup = present.map((i): LineupEntry => ({
      tally: Math.round(trainers[i]!.draw(random[i]!)),
      trust: all[i]!.trust,
      note: notes[i]!,
    }));
    const round = {
      number,
      joins: trainers.length,
      baseTally: 5_000,
      poolWei: POOL_WEI,
      lineup,
      committee: [],
    };
    policy(round).verdicts.forEach((verdict, at) => {
      const i = present[at]!;
      const career = all[i]!;
      career.judged += 1;
      career.refused += Number(!verdict.accepted);
      career.jails += Number(verdict.jailRounds > 0);
      career.trust = verdict.trust;
      career.rewardWei += verdict.rewardWei;
      career.penaltyWei += (BOND_WEI * BigInt(verdict.penaltyBp)) / 10_000n;
      notes[i] = verdict.note;
      if (verdict.jailRounds > 0) freeFrom[i] = number + 1 + verdict.jailRounds;
    });
  }
  return all;
}

/** The refusals of many runs, as a share of what was judged. */
export const refusedShare = (all: readonly Career[]) =>
  all.reduce((sum, { refused }) => sum + refused, 0) / all.reduce((sum, { judged }) => sum + judged, 0);

export const INITIAL_TRUST = TRUST_ONE / 2;
