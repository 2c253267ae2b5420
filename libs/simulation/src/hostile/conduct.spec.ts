import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TrainerBehaviour, ValidatorBehaviour } from '#libs/experiment';
import type { TrainerConduct, ValidatorConduct } from '#libs/node';
import { trainerConduct, validatorConduct } from './index.ts';
import { trainerSetting, validatorSetting } from './situations.fixture.ts';

type Hooks<B extends { kind: string }, C> = {
  readonly [K in B['kind']]: { readonly of: Extract<B, { kind: K }>; readonly does: readonly (keyof C)[] };
};

/** Every behaviour that a plan can name, and in what it is not honest. */
const trainers: Hooks<TrainerBehaviour, TrainerConduct> = {
  honest: { of: { kind: 'honest' }, does: [] },
  noise: { of: { kind: 'noise', std: 0.1 }, does: ['delta'] },
  signFlip: { of: { kind: 'signFlip', factor: 1 }, does: ['delta'] },
  labelFlip: { of: { kind: 'labelFlip' }, does: ['shard'] },
  backdoor: { of: { kind: 'backdoor', share: 0.2, target: 0 }, does: ['shard'] },
  scale: { of: { kind: 'scale', factor: 10 }, does: ['delta'] },
  freeRide: { of: { kind: 'freeRide', with: 'zeros' }, does: ['instead'] },
  copycat: { of: { kind: 'copycat' }, does: ['instead'] },
  straggler: { of: { kind: 'straggler', mean: 4 }, does: ['slowness'] },
  crash: { of: { kind: 'crash', p: 0.1, downMs: 60_000 }, does: ['downMs'] },
  badBytes: { of: { kind: 'badBytes', with: 'nan' }, does: ['bytes'] },
  withholdKey: { of: { kind: 'withholdKey', p: 1 }, does: ['publishesKey'] },
};

const validators: Hooks<ValidatorBehaviour, ValidatorConduct> = {
  honest: { of: { kind: 'honest' }, does: [] },
  lazy: { of: { kind: 'lazy', with: 'constant' }, does: ['instead'] },
  voteFlip: { of: { kind: 'voteFlip' }, does: ['scores'] },
  collude: { of: { kind: 'collude', group: 'ring', friends: [0] }, does: ['instead'] },
  absent: { of: { kind: 'absent', p: 0.5 }, does: ['takesPart'] },
  neverReveal: { of: { kind: 'neverReveal' }, does: ['reveals'] },
  copyBallot: { of: { kind: 'copyBallot' }, does: ['commitment'] },
  wrongDigest: { of: { kind: 'wrongDigest' }, does: ['model'] },
  censor: { of: { kind: 'censor', trainers: [0] }, does: ['lineup'] },
};

describe('conduct', () => {
  test.each(Object.values(trainers))(
    'of a Trainer: $of.kind is hostile in $does and honest else',
    ({ of, does }) => {
      expect(Object.keys(trainerConduct(of, trainerSetting()) ?? {})).toEqual(does);
    },
  );

  test.each(Object.values(validators))(
    'of a Validator: $of.kind is hostile in $does and honest else',
    ({ of, does }) => {
      expect(Object.keys(validatorConduct(of, validatorSetting()) ?? {})).toEqual(does);
    },
  );

  test('of every kind is described', () => {
    const page = readFileSync(new URL('../../../../docs/hostile-actors.md', import.meta.url), 'utf8');
    const described = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind!);
    const kinds = [...Object.keys(trainers), ...Object.keys(validators)].filter((kind) => kind !== 'honest');
    expect(described.toSorted()).toEqual(kinds.toSorted());
  });
});
