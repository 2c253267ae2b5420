/**
 * Committees of Validators that measure, guess, copy or lie, paid by the paper model. What a seat earns is given in
 * per cent of an equal share: 100 is what everybody gets in a committee of equals.
 *
 * A world is a sequence of runs of `ROUNDS_PER_RUN` rounds with the same Trainers. The true score of a Trainer's update
 * is normal with standard deviation `spread`; `memory` is the share of its variance that stays with the Trainer for the
 * whole run (0: every update is a fresh draw; 1: a Trainer is as good every time). A Validator that looks sees the true
 * score through the noise of its hold-out.
 */
import { type Generator, generator } from '#libs/random';
import { closeness, divide, expectedAfter, type LineupEntry, lowerMedian, measureOf } from './paper.ts';

const ROUNDS_PER_RUN = 30;
const MEAN_BP = 40;
/** Noise of a score on a hold-out of 1,000 samples, measured while planning. */
const NOISE_BP = 50;

/** What a Validator has in front of it when it fills its ballot. */
export interface Desk {
  /** Honest scores of this round's updates. */
  readonly scores: readonly number[];
  /** Tallies of the round before, and of all rounds so far on average; zeros in the first. */
  readonly last: readonly number[];
  readonly average: readonly number[];
  readonly random: Generator;
  /** A guess that all colluders of the committee share. */
  readonly sharedGuess: readonly number[];
}

export type Behaviour = (desk: Desk) => readonly number[];

const guess = (random: Generator, scores: readonly number[], spreadBp: number) =>
  scores.map(() => MEAN_BP + spreadBp * random.normal());

export const behaviours = {
  honest: ({ scores }) => scores,
  random: ({ scores, random }) => guess(random, scores, 60),
  wild: ({ scores, random }) => guess(random, scores, 300),
  constant: ({ scores }) => scores.map(() => MEAN_BP),
  zero: ({ scores }) => scores.map(() => 0),
  flip: ({ scores }) => scores.map((score) => -score),
  shrink: ({ scores }) => scores.map((score) => MEAN_BP + 0.3 * (score - MEAN_BP)),
  stretch: ({ scores }) => scores.map((score) => MEAN_BP + 2 * (score - MEAN_BP)),
  lift: ({ scores }) => scores.map((score) => score + 300),
  copyLast: ({ last }) => last,
  copyAverage: ({ average }) => average,
  copyAndGuess: ({ average, random }) => average.map((tally) => tally + 50 * random.normal()),
  sameGuess: ({ sharedGuess }) => sharedGuess,
  friend: ({ scores }) => scores.map((score, i) => (i === 0 ? score + 1000 : score)),
} satisfies Record<string, Behaviour>;

export interface World {
  readonly trainers: number;
  readonly spreadBp: number;
  readonly memory: number;
  readonly rounds: number;
  readonly seed: string;
}

/** A mean with the half width of its 95 % interval. */
export interface Mean {
  readonly mean: number;
  readonly half: number;
  readonly n: number;
}

export function meanOf(values: readonly number[]): Mean {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, half: 1.96 * Math.sqrt(variance / n), n };
}

/** What seats of one kind earn, averaged within each round first: seats of one round are not independent. */
export function meanOfSeats(paid: readonly (readonly number[])[]): Mean {
  const rounds = paid[0] ?? [];
  return meanOf(rounds.map((_, round) => paid.reduce((sum, seat) => sum + seat[round]!, 0) / paid.length));
}

export type Closeness = (ballots: readonly (readonly number[])[], lineup: readonly LineupEntry[]) => bigint[];

/** The formula of the contracts. */
export const byNews: Closeness = (ballots, lineup) => {
  const measure = measureOf(lineup);
  return ballots.map((ballot) => closeness(ballot, measure, lineup));
};

/**
 * The formula it replaced: the mean over the updates of max(0, 1 - |score - tally| / max(3 MAD of the scores, 100)),
 * weighted by the distance of the tally from the median of the tallies.
 */
export const byDistance: Closeness = (ballots, lineup) => {
  const tallies = lineup.map(({ tally }) => tally);
  const median = lowerMedian(tallies);
  const reach = tallies.map((tally, j) =>
    Math.max(100, 3 * lowerMedian(ballots.map((ballot) => Math.abs(ballot[j]! - tally)))),
  );
  const total = tallies.reduce((sum, tally) => sum + Math.abs(tally - median), 0);
  return ballots.map((ballot) => {
    const sum = tallies.reduce(
      (all, tally, j) =>
        all + Math.abs(tally - median) * Math.max(0, 1 - Math.abs(ballot[j]! - tally) / reach[j]!),
      0,
    );
    return total === 0 ? 0n : BigInt(Math.round((1e9 * sum) / total));
  });
};

/** What each seat earned in each round. Seats have equal bonds; the same seed means the same updates and noises. */
export function payments(world: World, seats: readonly Behaviour[], formula: Closeness = byNews): number[][] {
  const root = generator(world.seed);
  const truth = root.split('truth');
  const noises = seats.map((_, i) => root.split('noise', i));
  const randoms = seats.map((_, i) => root.split('random', i));
  const shared = root.split('shared');
  const { trainers, spreadBp, memory } = world;
  const paid: number[][] = seats.map(() => []);
  let [standing, notes, last, average]: [number[], bigint[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < world.rounds; round++) {
    const age = round % ROUNDS_PER_RUN;
    if (age === 0) {
      standing = Array.from({ length: trainers }, () => truth.normal());
      notes = standing.map(() => 0n);
      last = standing.map(() => 0);
      average = standing.map(() => 0);
    }
    const actual = standing.map(
      (z) => MEAN_BP + spreadBp * (Math.sqrt(memory) * z + Math.sqrt(1 - memory) * truth.normal()),
    );
    const sharedGuess = guess(shared, actual, 60);
    const ballots = seats.map((behaviour, i) => {
      const scores = actual.map((value) => Math.round(value + NOISE_BP * noises[i]!.normal()));
      const desk = { scores, last, average, random: randoms[i]!, sharedGuess };
      return behaviour(desk).map((score) => Math.max(-32767, Math.min(32767, Math.round(score))));
    });
    const tallies = actual.map((_, j) => lowerMedian(ballots.map((ballot) => ballot[j]!)));
    const lineup = tallies.map((tally, j) => ({ tally, trust: 0, note: notes[j]! }));
    const shares = divide(1_000_000n, formula(ballots, lineup));
    shares.forEach((share, i) => paid[i]!.push((Number(share) * seats.length) / 10_000));
    notes = lineup.map(expectedAfter);
    average = average.map((value, j) => value + (tallies[j]! - value) / (age + 1));
    last = tallies;
  }
  return paid;
}

/** One seat deviates, the others are honest: what it earns, and how much less than if it were honest too. */
export function deviations<Name extends string>(
  world: World,
  validators: number,
  deviants: Record<Name, Behaviour>,
  formula?: Closeness,
) {
  const others = Array.from({ length: validators - 1 }, () => behaviours.honest);
  const honest = payments(world, [behaviours.honest, ...others], formula)[0]!;
  const result = {} as Record<Name, { earns: Mean; loses: Mean }>;
  for (const [name, deviant] of Object.entries<Behaviour>(deviants)) {
    const paid = payments(world, [deviant, ...others], formula)[0]!;
    result[name as Name] = { earns: meanOf(paid), loses: meanOf(honest.map((share, i) => share - paid[i]!)) };
  }
  return { honest: meanOf(honest), deviants: result };
}

/** The largest minority plays together, the others are honest. */
export function collusion(world: World, validators: number, deviant: Behaviour, formula?: Closeness) {
  const colluders = (validators - 1) / 2;
  const seats = Array.from({ length: validators }, (_, i) => (i < colluders ? deviant : behaviours.honest));
  const paid = payments(world, seats, formula);
  return { colluder: meanOfSeats(paid.slice(0, colluders)), honest: meanOfSeats(paid.slice(colluders)) };
}
