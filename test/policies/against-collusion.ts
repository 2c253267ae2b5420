// What was tried against a minority that agrees on made-up numbers, where updates differ by less than hold-outs are noisy.
// Prints the table of docs/adr/0020: node --conditions=source test/policies/against-collusion.ts
import {
  type Behaviour,
  behaviours,
  byNews,
  type Closeness,
  collusion,
  deviations,
  type World,
} from './committee.ts';
import { renderTable, SEED } from './incentives.ts';

const noiseBp = 50;
const one = 1_000_000_000n;

const variance = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
};

/** Share of the hold-outs' variance that is left in the median of so many honest scores. */
const leftInMedian = (seats: number): number => ({ 3: 0.45, 5: 0.29, 7: 0.21 })[seats]!;

/** With knowledge of the noise: everybody is paid the same to the extent that tallies are noise. */
const flatInNoise: Closeness = (ballots, lineup) => {
  const noise = leftInMedian(ballots.length) * noiseBp ** 2;
  const signal = Math.max(0, 1 - noise / variance(lineup.map(({ tally }) => tally)));
  const weight = BigInt(Math.round(1e6 * signal));
  return byNews(ballots, lineup).map((part) => (part * weight + one * (1_000_000n - weight)) / 1_000_000n);
};

/** Nobody is paid for more than an honest ballot explains on average. */
const capped: Closeness = (ballots, lineup) => {
  const tallied = variance(lineup.map(({ tally }) => tally));
  const signal = Math.max(0, tallied - leftInMedian(ballots.length) * noiseBp ** 2);
  const honest = (signal + 0.35 * noiseBp ** 2) ** 2 / (tallied * (signal + noiseBp ** 2));
  const limit = BigInt(Math.round(1e9 * Math.min(1, honest)));
  return byNews(ballots, lineup).map((part) => (part < limit ? part : limit));
};

/** Ballots nearer to each other than two honest ones come share one part. */
const twinsShare: Closeness = (ballots, lineup) =>
  byNews(ballots, lineup).map((part, i) => {
    const twins = ballots.filter(
      (other) => variance(other.map((score, j) => score - ballots[i]![j]!)) < noiseBp ** 2,
    );
    return part / BigInt(Math.max(1, twins.length));
  });

/** The shared guess two and a half times as loud, and with as much noise of its own as makes it nobody's twin. */
const loudGuess: Behaviour = ({ sharedGuess, random }) =>
  sharedGuess.map((guess) => 40 + 2.5 * (guess - 40) + 45 * random.normal());

const formulas = { 'as it is': byNews, flatInNoise, capped, twinsShare };
const world = (spreadBp: number): World => ({ trainers: 10, spreadBp, memory: 0, rounds: 2_000, seed: SEED });

const rows = Object.entries(formulas).flatMap(([name, formula]) =>
  [20, 50].map((spreadBp) => {
    const { random, constant } = deviations(
      world(spreadBp),
      5,
      { random: behaviours.random, constant: behaviours.constant },
      formula,
    ).deviants;
    const colluders = [5, 7].flatMap((validators) =>
      [behaviours.sameGuess, loudGuess].map(
        (behaviour) => collusion(world(spreadBp), validators, behaviour, formula).colluder,
      ),
    );
    return { label: `${name}, ${spreadBp} bp`, cells: [random.earns, constant.earns, ...colluders] };
  }),
);
const columns = ['random', 'constant', '2 of 5 sameGuess', '2 of 5 loud', '3 of 7 sameGuess', '3 of 7 loud'];
process.stdout.write(`${renderTable({ columns, rows })}\n`);
