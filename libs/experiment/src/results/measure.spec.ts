import { describe, expect, test } from 'vitest';
import type { ActorId, Digest, Event } from '#libs/protocol';
import type { RunFolder } from '../folder/reader.ts';
import { parseRunFile } from '../run-file/load.ts';
import { metricInfo } from './catalogue.ts';
import { measure } from './measure.ts';

const actor = (n: number): ActorId => `0x${n.toString(16).padStart(40, '0')}`;
const digest = (n: number): Digest => `0x${n.toString(16).padStart(64, '0')}`;
const token = 10n ** 18n;

/** What happened to a Trainer in a round: its tally, whether it was accepted, what it got and lost. */
interface Fate {
  readonly accepted: boolean;
  readonly tally?: number;
  readonly trust: number;
  readonly reward?: bigint;
  readonly penalty?: bigint;
  readonly behind?: number;
}

/** Four Trainers, of whom the last two add noise, and one Validator, which gets a token a round. */
async function folderOf(
  rounds: readonly (readonly Fate[] | null)[],
  accuracies: readonly (number | null)[],
): Promise<RunFolder> {
  const { plan } = await parseRunFile(
    'name: a\ntrainers: { count: 4, behaviours: [{ kind: noise, std: 0.1, at: [2] }, { kind: noise, std: 0.2, at: [3] }] }\nvalidators: 1',
    { file: 'a.yaml', folder: '.' },
  );
  const events = rounds.flatMap((fates, round): Event[] => {
    const opened = { kind: 'roundOpened', round, version: round, atMs: 0 } as unknown as Event;
    if (fates === null)
      return [opened, { kind: 'roundVoided', round, reason: 'fewTrainers', atMs: 0 } as unknown as Event];
    const entries = fates.map(({ behind = 0 }, i) => ({
      trainer: actor(i),
      sequence: round,
      base: round - behind,
      receipt: digest(i),
    }));
    const outcome = {
      verdicts: fates.map(({ accepted, tally }) => ({ accepted, tally: tally ?? 'unavailable', weight: 1 })),
      trusts: fates.map(({ trust }, i) => ({ trainer: actor(i), trust: trust * 1e9 })),
      rewards: [
        ...fates.map(({ reward = 0n }, i) => ({ actor: actor(i), amountWei: reward * token })),
        { actor: actor(9), amountWei: token },
      ],
      penalties: fates.flatMap(({ penalty }, i) =>
        penalty === undefined ? [] : [{ actor: actor(i), amountWei: penalty * token, jailedUntilRound: 0 }],
      ),
    };
    return [
      opened,
      { kind: 'lineupPlaced', round, lineup: digest(0), entries, dueMs: 0, atMs: 0 } as unknown as Event,
      { kind: 'roundSettled', round, outcome, released: true, atMs: 0 } as unknown as Event,
    ];
  });
  const site = (name: string, n: number, behaviour: string) => ({ site: name, id: actor(n), behaviour });
  const summary = {
    outcome: 'finished',
    virtualMs: 1000 * rounds.length,
    actors: [
      ...[0, 1].map((n) => site(`trainer-${n}`, n, 'honest')),
      ...[2, 3].map((n) => site(`trainer-${n}`, n, 'noise')),
      site('validator-0', 9, 'honest'),
    ],
  };
  const lines = accuracies.map((accuracy, round) => ({
    round,
    outcome: rounds[round] === null ? 'void' : 'released',
    fromMs: 1000 * round,
    toMs: 1000 * (round + 1),
    test: accuracy === null ? null : { accuracy, loss: 1 - accuracy },
    locals: [],
    verdicts: { accepted: 0, refused: 0, unavailable: 0 },
    gasUsed: 100n,
    messageBytes: 10,
    blobBytes: 30,
    seconds: {},
  }));
  return {
    manifest: { run: digest(5) },
    plan,
    events,
    rounds: lines,
    transactions: [],
    summary,
  } as unknown as RunFolder;
}

const good = { accepted: true, tally: 100, trust: 0.6, reward: 2n };
const bad = { accepted: false, tally: -300, trust: 0.2, penalty: 1n };

describe('the figures of a run', () => {
  test('of verdicts, money and trust', async () => {
    const folder = await folderOf(
      [
        [good, { ...good, reward: 1n }, { ...bad, trust: 0.3 }, bad],
        null,
        // An honest one is refused, and a hostile one accepted.
        [
          good,
          { ...bad, trust: 0.5 },
          { ...good, reward: 1n, trust: 0.4, behind: 2 },
          { accepted: false, trust: 0.1 },
        ],
      ],
      [0.5, null, 0.9],
    );
    const { metrics, actors, rounds } = measure(folder);
    expect(metrics).toMatchObject({
      trainers: 4,
      'trainers.hostile': 2,
      validators: 1,
      'validators.hostile': 0,
      'accuracy.final': 0.9,
      'accuracy.best': 0.9,
      'accuracy.best_round': 2,
      'reach.80': 3,
      'reach_round.90': 2,
      'reach.95': null,
      'rounds.released': 2,
      'rounds.void': 1,
      'updates.accepted': 4,
      'updates.refused': 3,
      'updates.unavailable': 1,
      // Of three that were refused, two were hostile; of four hostile ones, two were refused.
      'verdict.precision': 0.666666666667,
      'verdict.recall': 0.5,
      'verdict.false_refusals': 0.25,
      'honest.punished': 0.5,
      'penalty.honest': 1,
      'penalty.hostile': 2,
      'trust.honest': 0.55,
      'trust.hostile': 0.25,
      // Trusts 0.6, 0.5, 0.4, 0.1 fall as noise 0, 0, 0.1, 0.2 rises; two share a rank.
      'trust.strength': Number((-Math.sqrt(0.9)).toPrecision(12)),
      'trust.strength_5': null,
      // Rewards 4, 1, 1, 0: 2 (0 + 2 + 3 + 16) / (4 * 6) - 5 / 4
      'gini.trainers': 0.5,
      'gini.validators': 0,
      'staleness.most': 2,
      'staleness.mean': 0.25,
      // Two noisy ones: 1 - 1 and 0 - 1.
      'profit.trainer.noise': -0.5,
      'profit.trainer.honest': 2,
      'advantage.trainer.noise': -2.5,
      'profit.validator.honest': 2,
      'bytes.round': 40,
    });
    expect(actors[0]).toMatchObject({
      site: 'trainer-0',
      reward: [2, 2, 4],
      penalty: [0, 0, 0],
      trust: [0.6, 0.6, 0.6],
    });
    expect(actors[3]).toMatchObject({
      strength: 0.2,
      verdict: ['refused', null, 'unavailable'],
      tally: [-300, null, null],
    });
    expect(rounds[1]).toMatchObject({ outcome: 'void', accuracy: null, seconds: 2, staleness: null });
    for (const name of Object.keys(metrics)) expect(metricInfo(name), name).toBeDefined();
  });

  test('nothing is said where there is nothing to say', async () => {
    const { metrics } = measure(await folderOf([[good, good, good, good]], [0.3]));
    expect(metrics).toMatchObject({
      'verdict.precision': null,
      'verdict.recall': 0,
      'honest.punished': 0,
      'reach.80': null,
    });
  });
});
