/** The worked rounds of docs/policies.md: five Trainers and three Validators with equal bonds, in whole tokens. */
import {
  centre,
  closeness,
  type LineupEntry,
  lowerMedian,
  measureOf,
  type Policy,
  proportionalPolicy,
  type Round,
  TRUST_ONE,
  UNAVAILABLE,
} from './paper.ts';

const TOKEN = 10n ** 18n;
const trainers = ['A', 'B', 'C', 'D', 'E'];

/** What the note of a Trainer holds that was expected to reach this tally, last judged in round 4. */
const noteOf = (expectedBp: number) =>
  (1n << 63n) | (BigInt.asUintN(16, BigInt(expectedBp)) << 47n) | (4n << 10n);

const expected = [60, 10, 20, 40, 70];

const roundOf = (
  ballots: readonly (readonly number[])[],
  notes: readonly bigint[],
  baseTally = UNAVAILABLE,
): Round => ({
  number: 5,
  joins: 5,
  baseTally,
  poolWei: 100n * TOKEN,
  lineup: trainers.map((_, j) => ({
    tally: lowerMedian(ballots.filter((ballot) => ballot.length > 0).map((ballot) => ballot[j]!)),
    trust: TRUST_ONE / 2,
    note: notes[j]!,
  })),
  committee: ballots.map((ballot) => ({ bondWei: 1000n * TOKEN, missed: ballot.length === 0, ballot })),
});

const honestBallots = [
  [95, 15, -42, 60, 130],
  [70, 33, -10, 88, 155],
  [120, -21, -35, 51, 148],
];

/** Trainer E sends its update with the sign turned, Validator 3 votes the opposite of what it measured. */
const hostileBallots = [
  [95, 15, -42, 60, -640],
  [70, 33, -10, 88, -702],
  [-120, 21, 35, -51, 655],
];

/** Accuracy scores: differences in basis points of accuracy, the base at 90 %. */
const honestAccuracies = [
  [40, 10, -20, 30, 60],
  [30, 20, -10, 40, 70],
  [50, 0, -30, 20, 60],
];
const hostileAccuracies = [
  [40, 10, -20, 30, -900],
  [30, 20, -10, 40, -880],
  [-50, 0, 30, -20, 900],
];

const notes = expected.map(noteOf);

/** FLoBC's notes: raw trust 0.2 each, five joined. */
const rawNotes = notes.map((note) => ((note >> 47n) << 47n) | (5n << 32n) | 200_000n);

export const honestRound = roundOf(honestBallots, notes);
export const hostileRound = roundOf(hostileBallots, notes);
export const honestAccuracyRound = roundOf(honestAccuracies, rawNotes, 9_000);
export const hostileAccuracyRound = roundOf(hostileAccuracies, rawNotes, 9_000);

const unit = (scaled: number | bigint) => (Number(scaled) / TRUST_ONE).toFixed(4);
const tokens = (wei: bigint) => (Number(wei) / 1e18).toFixed(4);
const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const rule = (columns: number) => row(...Array<string>(columns).fill('---'));

/** Scores, tallies and where they lie: what every policy starts from. */
export function renderScores({ lineup, committee }: Round): string {
  const { median, deviation } = centre(lineup);
  const d = Math.max(deviation, 50);
  return [
    row('', ...trainers),
    rule(6),
    ...committee.map(({ ballot }, i) => row(`scores of Validator ${i + 1}`, ...ballot)),
    row('**tally**', ...lineup.map(({ tally }) => tally)),
    '',
    `m = ${median}, MAD = ${deviation}, d = ${d}, m - 3d = ${median - 3 * d}, m - 6d = ${median - 6 * d}`,
  ].join('\n');
}

/** How the closeness of each ballot comes about. */
export function renderCloseness({ lineup, committee }: Round): string {
  const measure = measureOf(lineup);
  return [
    row('', ...trainers, 'closeness'),
    rule(7),
    row('expected', ...expected, ''),
    row('news, times 5', ...measure.news.map((value) => value ?? 'none'), ''),
    ...committee.map(({ ballot }, i) =>
      row(`Validator ${i + 1}`, ...ballot, unit(closeness(ballot, measure, lineup))),
    ),
  ].join('\n');
}

export function renderOutcome(policy: Policy, round: Round): string {
  const { verdicts, seats, settlerWei } = policy(round);
  const paid = [...verdicts, ...seats].reduce((sum, { rewardWei }) => sum + rewardWei, settlerWei);
  return [
    row('', 'verdict', 'trust', 'merge weight', 'reward'),
    rule(5),
    ...verdicts.map(({ accepted, trust, mergeWeight, rewardWei }, j) =>
      row(trainers[j]!, accepted ? 'accepted' : 'refused', unit(trust), unit(mergeWeight), tokens(rewardWei)),
    ),
    ...seats.map(({ rewardWei }, i) => row(`Validator ${i + 1}`, '', '', '', tokens(rewardWei))),
    row('settler', '', '', '', tokens(settlerWei)),
    row('stays in the budget', '', '', '', tokens(round.poolWei - paid)),
  ].join('\n');
}

/** A Trainer whose updates are deeply bad in three of ten rounds, and a Validator that does not reveal. */
export function renderPenalties(): string {
  const lines = [row('round', 'tally', 'deeply bad, newest right', 'trust', 'penalty', 'jail'), rule(6)];
  const others = honestRound.lineup.slice(0, 4).map((other) => ({ ...other, note: 0n }));
  let entry: LineupEntry = { tally: 0, trust: TRUST_ONE / 2, note: 0n };
  for (const [number, tally] of [
    [0, 40],
    [1, -700],
    [2, 30],
    [4, -650],
    [9, -720],
  ] as const) {
    const lineup = [...others, { ...entry, tally }];
    const { note, trust, penaltyBp, jailRounds } = proportionalPolicy({
      ...honestRound,
      number,
      lineup,
      committee: [],
    }).verdicts[4]!;
    const flags = (note & 0x3ffn).toString(2).padStart(10, '0');
    lines.push(
      row(number, tally, flags, unit(trust), `${penaltyBp} bp`, jailRounds ? `${jailRounds} rounds` : '-'),
    );
    entry = { tally, trust, note };
  }
  const { seats } = proportionalPolicy({
    ...honestRound,
    committee: honestRound.committee.map((seat, i) =>
      i === 2 ? { ...seat, missed: true, ballot: [] } : seat,
    ),
  });
  lines.push(
    '',
    `A Validator that does not reveal: penalty ${seats[2]!.penaltyBp} bp, reward ${tokens(seats[2]!.rewardWei)}.`,
  );
  return lines.join('\n');
}
