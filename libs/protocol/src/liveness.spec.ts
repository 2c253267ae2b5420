import { describe, expect, test } from 'vitest';
import { configOf, schemes, trainerId, validatorId, windows } from '../../../test/soak/cast.ts';
import { Network } from '../../../test/soak/network.ts';
import type { Scenario, TrainerPlan, ValidatorPlan } from '../../../test/soak/scenario.ts';
import { find, openRound, type RunState } from './index.ts';

const forEver = { fromMs: 20_000, toMs: 1e12 };

interface Setting {
  readonly seed: number;
  readonly fields: object;
  readonly trainers: readonly Partial<TrainerPlan>[];
  readonly validators: readonly Partial<ValidatorPlan>[];
}

function scenarioOf({ seed, fields, trainers, validators }: Setting): Scenario {
  return {
    seed,
    config: configOf({
      windows,
      maxRounds: 12,
      minTrainers: trainers.length,
      minValidators: Math.max(1, validators.length - 1),
      ...fields,
    }),
    trainers: trainers.map((plan, i) => ({
      id: trainerId(i),
      number: i + 1,
      trainingMs: 1000 + 300 * i,
      habit: 'honest',
      ...plan,
    })),
    validators: validators.map((plan, i) => ({
      id: validatorId(i),
      number: 100 + i,
      bondWei: 100n,
      asleep: null,
      crashes: [],
      ...plan,
    })),
    network: { maxDelayMs: 200, loss: 0, duplication: 0.1 },
    ballotsOnBus: seed % 2 === 0,
    diary: [],
  };
}

function end(setting: Setting): RunState {
  const network = new Network(scenarioOf(setting));
  network.run();
  return network.ledger.state;
}

const seeds = [1, 2, 3];
const dead = { habit: 'dead' } as const;

describe('a run goes on', () => {
  test.each(seeds)('when one of three Validators dies in the middle of it (seed %i)', (seed) => {
    const state = end({
      seed,
      fields: {},
      trainers: [{}, {}, {}],
      validators: [{ asleep: forEver }, {}, {}],
    });
    expect(state.stage.kind).toBe('finished');
    expect(state.version).toBe(12);
    expect(find(state.validators, validatorId(0))?.active).toBe(false);
  });

  test.each(seeds)(
    'under BAP with two of five Trainers dead from the start, without waiting for them (seed %i)',
    (seed) => {
      const fields = { scheme: { ...schemes.bap, maxWaitMs: 1_000_000 } };
      const state = end({ seed, fields, trainers: [{}, {}, {}, dead, dead], validators: [{}, {}, {}] });
      expect(state).toMatchObject({ stage: { kind: 'finished' }, version: 12 });
      // Had it waited once for the dead, the run would have taken more than a million milliseconds.
      expect(state.nowMs).toBeLessThan(200_000);
    },
  );

  test.each(Object.entries(schemes))('under %s with all Trainers dead but one', (kind, scheme) => {
    const state = end({
      seed: 1,
      fields: { scheme },
      trainers: [{}, dead, dead, dead],
      validators: [{}, {}, {}],
    });
    // Under SSP the dead hold it back after three versions, for the two rounds until they have missed five.
    expect(state).toMatchObject({ stage: { kind: 'finished' }, version: kind === 'ssp' ? 10 : 12 });
  });

  test('under SSP when the slowest Trainer, for whom the others wait, dies', () => {
    const fields = { scheme: { ...schemes.ssp, maxStaleness: 0 } };
    const state = end({ seed: 1, fields, trainers: [{}, {}, dead], validators: [{}, {}, {}] });
    expect(state.stage.kind).toBe('finished');
    expect(state.version).toBeGreaterThan(5);
  });

  test('and pays, but releases nothing, when Validators cannot agree on a model', () => {
    const network = new Network(
      scenarioOf({ seed: 1, fields: {}, trainers: [{}, {}], validators: [{}, {}, {}] }),
      undefined,
      {
        modelOf: (validator, model) =>
          validator === validatorId(0) ? model : `0x${validator.slice(2).padEnd(64, '0')}`,
      },
    );
    network.run();
    const { state, log } = network.ledger;
    expect(state).toMatchObject({ stage: { kind: 'finished' }, version: 0, voidRounds: 0 });
    expect(log.filter(({ kind }) => kind === 'roundSettled').length).toBe(12);
    // Accepted updates go into the next lineup.
    const placed = log.filter((event) => event.kind === 'lineupPlaced');
    expect(placed[1]!.entries.map(({ receipt }) => receipt)).toEqual(
      placed[0]!.entries.map(({ receipt }) => receipt),
    );
  });
});

describe('a run is halted', () => {
  test('after five void rounds in a row when no Trainer is left', () => {
    const state = end({ seed: 1, fields: {}, trainers: [dead, dead], validators: [{}, {}, {}] });
    expect(state).toMatchObject({ stage: { kind: 'halted' }, rounds: 5, voidRounds: 5 });
    expect(openRound(state)).toBeNull();
  });

  test('when most of the bond is dead', () => {
    const asleep = { asleep: { fromMs: 0, toMs: 1e12 } };
    const state = end({ seed: 1, fields: {}, trainers: [{}, {}], validators: [asleep, asleep, {}] });
    expect(state).toMatchObject({ stage: { kind: 'halted' }, version: 0 });
  });
});
