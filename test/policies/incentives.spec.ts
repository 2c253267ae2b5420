/**
 * Whether cheating pays: 1,000 rounds behind each number here, 10,000 with FLOBC_POLICY_ROUNDS=10000, which is what
 * docs/policies.md shows. A failure names the committee; the seed is fixed, so it fails again.
 */
import { describe, expect, test, vi } from 'vitest';
import { behaviours, byDistance, collusion, deviations, type World } from './committee.ts';
import { COMMITTEES, deviantCareers, honestCareers, mixed, SEED, SPREADS } from './incentives.ts';
import { emaPolicy, proportionalPolicy } from './paper.ts';
import { freeRider, honestAmongHonest, honestBesideFlipper, signFlipper } from './trainers.ts';

const rounds = Number(process.env.FLOBC_POLICY_ROUNDS ?? 1_000);
// The long form takes minutes a test.
vi.setConfig({ testTimeout: 600_000 });

const world = (spreadBp: number, memory = 0): World => ({
  trainers: 10,
  spreadBp,
  memory,
  rounds,
  seed: SEED,
});

const grid = COMMITTEES.flatMap((validators) => SPREADS.map((spreadBp) => [validators, spreadBp] as const));

describe('a Validator', () => {
  const { random, constant, zero, flip, shrink, lift } = behaviours;
  test.each(grid)('of %i earns the most by honesty, at a spread of %i bp', (validators, spreadBp) => {
    const { deviants } = deviations(world(spreadBp), validators, {
      random,
      constant,
      zero,
      flip,
      shrink,
      lift,
    });
    for (const [name, { loses }] of Object.entries(deviants)) {
      expect(
        loses.mean - loses.half,
        `${name} instead of honest, n = ${rounds}, seed ${SEED}`,
      ).toBeGreaterThan(0);
    }
    expect(deviants.constant.earns.mean).toBe(0);
    expect(deviants.zero.earns.mean).toBe(0);
  });

  test.each(COMMITTEES)('of %i does not earn more by stretching its scores', (validators) => {
    for (const spreadBp of SPREADS) {
      const { stretch } = deviations(world(spreadBp), validators, { stretch: behaviours.stretch }).deviants;
      expect(stretch.loses.mean + stretch.loses.half, `spread ${spreadBp}`).toBeGreaterThan(0);
    }
  });

  test.each(COMMITTEES)(
    'of %i does not earn more by copying the past, however much it tells',
    (validators) => {
      const { copyLast, copyAverage, copyAndGuess } = behaviours;
      for (const memory of [0, 0.5, 1]) {
        const { deviants } = deviations(world(100, memory), validators, {
          copyLast,
          copyAverage,
          copyAndGuess,
        });
        for (const [name, { loses }] of Object.entries(deviants)) {
          expect(loses.mean - loses.half, `${name}, memory ${memory}`).toBeGreaterThan(0);
        }
      }
    },
  );

  test('earns the most by honesty where all behaviours meet', () => {
    for (const { label, cells } of mixed(rounds).rows) {
      const [honest, ...others] = cells;
      for (const other of others.filter(({ n }) => n > 0)) {
        expect(honest!.mean - honest!.half, label).toBeGreaterThan(other.mean + other.half);
      }
    }
  });

  test('would have earned more by not looking under the formula that was replaced', () => {
    const { shrink, constant } = deviations(
      world(20),
      7,
      { shrink: behaviours.shrink, constant: behaviours.constant },
      byDistance,
    ).deviants;
    expect(shrink.loses.mean + shrink.loses.half).toBeLessThan(0);
    expect(constant.loses.mean - constant.loses.half).toBeLessThan(0);
  });

  test.each([5, 7])(
    'of %i does not earn more by colluding in a minority from a spread of 100 bp',
    (validators) => {
      for (const name of ['sameGuess', 'flip', 'friend'] as const) {
        for (const spreadBp of [100, 200, 500]) {
          const { colluder, honest } = collusion(world(spreadBp), validators, behaviours[name]);
          expect(colluder.mean + colluder.half, `${name}, spread ${spreadBp}`).toBeLessThan(
            honest.mean - honest.half,
          );
        }
      }
    },
  );
});

describe.each([
  ['ProportionalPolicy', proportionalPolicy],
  ['EmaPolicy', emaPolicy(2_000, 300)],
])('a Trainer under %s', (_name, policy) => {
  test.each([3, 5, 10, 25])(
    'among %i honest ones is refused at most twice in a hundred and never punished',
    (trainers) => {
      const { refused, jails } = honestCareers(policy, trainers);
      expect(refused).toBeLessThanOrEqual(0.02);
      expect(jails).toBe(0);
    },
  );

  test.each([5, 7, 10])('that flips signs among %i ends lowest in trust and loses money', (trainers) => {
    const { deviant, honest, lowest, n } = deviantCareers(policy, signFlipper, honestBesideFlipper, trainers);
    expect(lowest).toBe(n);
    for (const { rewardWei, penaltyWei } of deviant) expect(rewardWei).toBeLessThan(penaltyWei);
    for (const { penaltyWei } of honest) expect(penaltyWei).toBe(0n);
  });

  test('that sends nothing new earns less than an honest one', () => {
    const { deviant, honest } = deviantCareers(policy, freeRider, honestAmongHonest, 10);
    const mean = (all: typeof honest) =>
      all.reduce((sum, { rewardWei }) => sum + Number(rewardWei), 0) / all.length;
    expect(mean(deviant)).toBeLessThan(0.75 * mean(honest));
  });
});
