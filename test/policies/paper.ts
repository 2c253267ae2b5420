/**
 * The policies on paper: a second writing of `contracts/src/policies`, for tests and the simulation only. It exists
 * because the questions of docs/policies.md take millions of rounds, which an EVM takes an hour for; `paper.spec.ts`
 * holds it equal to the compiled contracts, to the wei, on random rounds. The product never runs it: money has one
 * implementation, the contract.
 *
 * Scores and tallies are basis points, trusts are scaled by 1e9, closeness too. Sums that fit a double exactly are
 * numbers, the others bigints.
 */

export const UNAVAILABLE = -32768;
export const TRUST_ONE = 1_000_000_000;

export interface LineupEntry {
  readonly tally: number;
  readonly trust: number;
  readonly note: bigint;
}

export interface Seat {
  readonly bondWei: bigint;
  readonly missed: boolean;
  /** One score for each lineup entry; empty if nothing was revealed. */
  readonly ballot: readonly number[];
}

export interface Round {
  readonly number: number;
  readonly joins: number;
  readonly baseTally: number;
  readonly poolWei: bigint;
  readonly lineup: readonly LineupEntry[];
  readonly committee: readonly Seat[];
}

export interface Verdict {
  accepted: boolean;
  trust: number;
  mergeWeight: number;
  note: bigint;
  penaltyBp: number;
  jailRounds: number;
  rewardWei: bigint;
}

export interface Outcome {
  readonly verdicts: Verdict[];
  readonly seats: { rewardWei: bigint; penaltyBp: number }[];
  readonly settlerWei: bigint;
}

/** Verdicts without rewards, and the weights by which the Trainers' part is divided. */
interface Judged {
  readonly verdicts: Verdict[];
  readonly weights: bigint[];
}

export type Policy = (round: Round) => Outcome;

// ---- RoundStatistics.sol

/** The lower median; NaN of nothing. */
export function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? NaN;
}

/** Lower median of the tallies that there are, and of their distances from it. */
export function centre(lineup: readonly LineupEntry[]): { median: number; deviation: number } {
  const tallies = lineup.map((entry) => entry.tally).filter((tally) => tally !== UNAVAILABLE);
  if (tallies.length === 0) return { median: 0, deviation: 0 };
  const median = lowerMedian(tallies);
  return { median, deviation: lowerMedian(tallies.map((tally) => Math.abs(tally - median))) };
}

/** In proportion to the weights, rounded down. */
export function divide(pot: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((a, b) => a + b, 0n);
  return weights.map((weight) => (total === 0n ? 0n : (pot * weight) / total));
}

// ---- Closeness.sol

const MIN_CORRELATED = 3;
const MIN_CLEARED = 5;
const TOLERANCE_BP = 150;

const hasExpectation = (note: bigint) => note >> 63n === 1n;
const expectedOf = (note: bigint) => Number(BigInt.asIntN(16, note >> 47n));

/** The upper 17 bits of the note after the round. */
export function expectedAfter({ tally, note }: LineupEntry): bigint {
  const before = expectedOf(note);
  const after = hasExpectation(note) ? before + Math.trunc((tally - before) / 4) : tally;
  return (1n << 63n) | (BigInt.asUintN(16, BigInt(after)) << 47n);
}

/** What the ballots are measured against: entries without a tally are undefined in `news`. */
export interface Measure {
  readonly count: number;
  readonly news: readonly (number | undefined)[];
  readonly expected: readonly number[];
  readonly newsSquared: bigint;
  readonly expectedSquared: bigint;
}

export function measureOf(lineup: readonly LineupEntry[]): Measure {
  const scored = lineup.map(({ tally }) => tally !== UNAVAILABLE);
  const count = scored.filter(Boolean).length;
  let news = centred(lineup.map(({ tally }, i) => (scored[i] ? tally : undefined)));
  let expected = lineup.map(() => 0);
  let expectedSquared = 0n;
  if (count >= MIN_CLEARED) {
    const known = lineup.map(({ note }, i) =>
      scored[i] && hasExpectation(note) ? expectedOf(note) : undefined,
    );
    expected = centred(known).map((value) => value ?? 0);
    ({ news, expectedSquared } = cleared(news, expected));
  }
  const newsSquared = news.reduce<bigint>((sum, n) => sum + BigInt(n ?? 0) ** 2n, 0n);
  return { count, news, expected, newsSquared, expectedSquared: expectedSquared || 1n };
}

function centred(values: readonly (number | undefined)[]): (number | undefined)[] {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (value === undefined) continue;
    count += 1;
    sum += value;
  }
  return values.map((value) => (value === undefined ? undefined : count * value - sum));
}

function cleared(tallies: readonly (number | undefined)[], expected: readonly number[]) {
  let product = 0n;
  let expectedSquared = 0n;
  tallies.forEach((tally, i) => {
    if (tally === undefined) return;
    product += BigInt(tally) * BigInt(expected[i]!);
    expectedSquared += BigInt(expected[i]!) ** 2n;
  });
  if (expectedSquared === 0n) return { news: [...tallies], expectedSquared };
  const ratio = (product << 32n) / expectedSquared;
  const news = tallies.map((t, i) =>
    t === undefined ? undefined : t - Number((ratio * BigInt(expected[i]!)) >> 32n),
  );
  return { news, expectedSquared };
}

/** Closeness of one ballot, 0 to 1e9. */
export function closeness(
  ballot: readonly number[],
  measure: Measure,
  lineup: readonly LineupEntry[],
): bigint {
  if (ballot.length === 0) return 0n;
  if (measure.count < MIN_CORRELATED) return near(ballot, lineup);
  const { count, news, expected, newsSquared, expectedSquared } = measure;
  let [sum, squared, newsProduct, newsSum, expectedProduct] = [0, 0, 0, 0, 0];
  for (let i = 0; i < news.length; i++) {
    const n = news[i];
    if (n === undefined) continue;
    const score = ballot[i] === UNAVAILABLE ? 0 : ballot[i]!;
    sum += score;
    squared += score * score;
    newsProduct += score * n;
    newsSum += n;
    expectedProduct += score * expected[i]!;
  }
  const shared = BigInt(count) * BigInt(newsProduct) - BigInt(sum) * BigInt(newsSum);
  const known = BigInt(count) * BigInt(expectedProduct);
  const own = BigInt(count) * BigInt(count * squared - sum * sum) * expectedSquared - known * known;
  if (shared <= 0n || own === 0n || newsSquared === 0n) return 0n;
  const part = (shared * shared * expectedSquared * BigInt(TRUST_ONE)) / (own * newsSquared);
  return part < TRUST_ONE ? part : BigInt(TRUST_ONE);
}

function near(ballot: readonly number[], lineup: readonly LineupEntry[]): bigint {
  let sum = 0;
  let count = 0;
  lineup.forEach(({ tally }, i) => {
    if (tally === UNAVAILABLE) return;
    count += 1;
    const distance = Math.abs(ballot[i]! - tally);
    if (ballot[i] !== UNAVAILABLE && distance < TOLERANCE_BP) sum += TOLERANCE_BP - distance;
  });
  return count === 0 ? 0n : (BigInt(sum) * BigInt(TRUST_ONE)) / BigInt(TOLERANCE_BP * count);
}

// ---- SplitPolicy.sol

function split(
  round: Round,
  { verdicts, weights }: Judged,
  seats: { penaltyBp: number }[],
  seatWeights: bigint[],
) {
  const trainers = divide((round.poolWei * 7000n) / 10000n, weights);
  const validators = divide((round.poolWei * 2500n) / 10000n, seatWeights);
  return {
    verdicts: verdicts.map((verdict, i) => ({ ...verdict, rewardWei: trainers[i]! })),
    seats: seats.map(({ penaltyBp }, i) => ({ penaltyBp, rewardWei: validators[i]! })),
    settlerWei: (round.poolWei * 500n) / 10000n,
  };
}

function payByCloseness(round: Round, judged: Judged): Outcome {
  const measure = measureOf(round.lineup);
  const weights = round.committee.map((seat) => seat.bondWei * closeness(seat.ballot, measure, round.lineup));
  judged.verdicts.forEach((verdict, i) => {
    if (round.lineup[i]!.tally !== UNAVAILABLE) verdict.note |= expectedAfter(round.lineup[i]!);
  });
  return split(
    round,
    judged,
    round.committee.map((seat) => ({ penaltyBp: seat.missed ? 50 : 0 })),
    weights,
  );
}

const untouched = ({ trust, note }: LineupEntry): Verdict => ({
  accepted: false,
  trust,
  mergeWeight: 0,
  note,
  penaltyBp: 0,
  jailRounds: 0,
  rewardWei: 0n,
});

// ---- ProportionalPolicy.sol and EmaPolicy.sol

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, high));

type TrustAfter = (entry: LineupEntry, accepted: boolean, deviation: number) => number;

const towardsTheRound: TrustAfter = ({ tally, trust }, accepted, deviation) => {
  const half = TRUST_ONE / 2;
  const reach = 3 * deviation;
  const aim = accepted ? half + Math.trunc((clamp(tally, -reach, reach) * half) / reach) : 0;
  return trust + Math.trunc((aim - trust) / 10);
};

const average =
  (alphaBp: number, capBp: number): TrustAfter =>
  ({ tally, trust }, accepted) => {
    const aim = accepted ? Math.floor((clamp(tally, 0, capBp) * TRUST_ONE) / capBp) : 0;
    return Math.floor((trust * (10000 - alphaBp) + aim * alphaBp) / 10000);
  };

const judgedByTheRound =
  (trustAfter: TrustAfter): Policy =>
  (round) => {
    const { median, deviation: measured } = centre(round.lineup);
    const deviation = Math.max(measured, 50);
    const floor = median - 3 * deviation;
    const cut = floor - Math.trunc((15 * deviation) / round.lineup.length);
    const weights = round.lineup.map(() => 0n);
    const verdicts = round.lineup.map((entry, i) => {
      const verdict = untouched(entry);
      if (entry.tally === UNAVAILABLE) return verdict;
      verdict.accepted = entry.tally >= Math.min(0, cut);
      verdict.trust = trustAfter(entry, verdict.accepted, deviation);
      const deep = !verdict.accepted && entry.tally < median - 6 * deviation;
      const flags = deepFlags(entry, round.number, deep);
      const punished = deep && flags.toString(2).replaceAll('0', '').length >= 3;
      if (punished) [verdict.penaltyBp, verdict.jailRounds] = [100, 10];
      verdict.note = (BigInt(round.number) << 10n) | (punished ? 0n : BigInt(flags));
      if (verdict.accepted) {
        verdict.mergeWeight = verdict.trust;
        weights[i] = BigInt(verdict.trust) * BigInt(clamp(entry.tally - floor, 0, 6 * deviation));
      }
      return verdict;
    });
    return payByCloseness(round, { verdicts, weights });
  };

function deepFlags({ note }: LineupEntry, number: number, deep: boolean): number {
  const elapsed = number - Number((note >> 10n) & 0xffff_ffffn);
  const before = elapsed < 10 ? (Number(note & 0x3ffn) << elapsed) & 0x3ff : 0;
  return before | Number(deep);
}

export const proportionalPolicy = judgedByTheRound(towardsTheRound);
export const emaPolicy = (alphaBp: number, capBp: number) => judgedByTheRound(average(alphaBp, capBp));

// ---- FlatPolicy.sol

export const flatPolicy: Policy = (round) => {
  const verdicts = round.lineup.map((entry) => {
    const available = entry.tally !== UNAVAILABLE;
    return { ...untouched(entry), accepted: available, mergeWeight: available ? TRUST_ONE : 0 };
  });
  return split(
    round,
    { verdicts, weights: verdicts.map(({ accepted }) => BigInt(accepted)) },
    round.committee.map(() => ({ penaltyBp: 0 })),
    round.committee.map(({ ballot }) => BigInt(ballot.length > 0)),
  );
};

// ---- FlobcPolicy.sol

export const flobcPolicy =
  (decayBp: number, resetsAtJoin: boolean, startTrust: number): Policy =>
  (round) => {
    const scored = round.lineup.map(({ tally }) => tally !== UNAVAILABLE);
    const after = round.lineup.map(({ tally }, i) => scored[i]! && round.baseTally + tally);
    const accepted = after.map((value) => value !== false && value * 10000 >= round.baseTally * decayBp);
    const seen = round.joins & 0x7fff;
    const raws = round.lineup.map(({ tally, note }) => {
      const fresh = note === 0n || (resetsAtJoin && Number((note >> 32n) & 0x7fffn) !== seen);
      const before = fresh ? Math.floor((startTrust * 1e6) / TRUST_ONE) : Number(note & 0xffff_ffffn);
      return clamp(before + 100 * tally, 0, 2 ** 32 - 1);
    });
    const trusts = normalised(raws, scored);
    const weights = normalised(raws, accepted);
    const verdicts = round.lineup.map((entry, i) => {
      const verdict = untouched(entry);
      if (!scored[i]) return verdict;
      const note = (BigInt(seen) << 32n) | BigInt(raws[i]!);
      return { ...verdict, accepted: accepted[i]!, trust: trusts[i]!, mergeWeight: weights[i]!, note };
    });
    return payByCloseness(round, { verdicts, weights: weights.map(BigInt) });
  };

/** Shares of one, rounded down, the remainder to the lowest index; equal if all are zero. */
function normalised(raws: readonly number[], chosen: readonly boolean[]): number[] {
  const count = chosen.filter(Boolean).length;
  const total = raws.reduce((sum, raw, i) => sum + (chosen[i] ? raw : 0), 0);
  const shares = raws.map((raw, i) => {
    if (!chosen[i]) return 0;
    return total === 0
      ? Math.floor(TRUST_ONE / count)
      : Number((BigInt(raw) * BigInt(TRUST_ONE)) / BigInt(total));
  });
  const lowest = chosen.indexOf(true);
  if (lowest >= 0) shares[lowest]! += TRUST_ONE - shares.reduce((a, b) => a + b, 0);
  return shares;
}
