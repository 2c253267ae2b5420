import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Fault, isFault } from '#libs/fault';
import { parseConfig } from '#libs/protocol';
import { configurationDigest } from '../plan/canonical.ts';
import { presets } from '../presets/index.ts';
import type { RunPlan } from '../run-plan.ts';
import { loadRunFile, type LoadedRunFile, parseRunFile } from './load.ts';
import type { Problem } from '#libs/settings';

const folder = mkdtempSync(join(tmpdir(), 'flobc-run-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const load = (text: string, overrides: readonly string[] = []): Promise<LoadedRunFile> =>
  parseRunFile(text, { file: 'run.yaml', folder, overrides });

const planOf = async (text: string, ...overrides: string[]): Promise<RunPlan> =>
  (await load(`name: test\n${text}`, overrides)).plan;

/** What is wrong, as `line:column path: message`. */
async function problemsOf(text: string, ...overrides: string[]): Promise<string[]> {
  const fault = await load(text, overrides).catch((error: unknown) => error as Fault);
  if (!isFault(fault)) throw new Error('there is nothing wrong with it');
  expect(fault.code).toBe('RUN_FILE_INVALID');
  const problems = fault.facts.problems as Problem[];
  for (const { message, at } of problems) {
    expect(fault.message).toContain(`${at}  `);
    expect(fault.message).toContain(message);
  }
  return problems.map(({ at, path, message }) => `${at.replace('run.yaml:', '')} ${path}: ${message}`);
}

describe('mistakes', () => {
  test('are all reported at once, each with its place and the nearest key', async () => {
    const problems = await problemsOf(`name: bad
sead: 3
rounds: ten
training:
  batchSise: 32
  optimizer: { kind: sgdd }
scheme: { kind: bap, quorumRatio: 1.2 }
trainers: { count: 4, behaviours: [{ kind: noise, std: 0.1, at: [7] }] }
policy: ProportinalPolicy
`);
    expect(problems).toEqual([
      '2:1 sead: unknown key; is seed meant?',
      '3:9 rounds: expected a whole number from 1 to 1,000,000,000, not "ten"',
      '5:3 training.batchSise: unknown key; is batchSize meant?',
      '6:22 training.optimizer.kind: expected one of sgd, adam, not "sgdd"; is sgd meant?',
      '7:35 scheme.quorumRatio: expected a number such as 0.6 or 2/3, above 0 and at most 1, not 1.2',
      '8:65 trainers.behaviours[0].at: position 7 is not below the count, 4',
      '9:9 policy.name: there is no policy "ProportinalPolicy"; is ProportionalPolicy meant?',
    ]);
  });

  test.each([
    [
      'a key of another place',
      'training: { learningRate: 0.1 }',
      '2:13 training.learningRate: unknown key; it belongs to training.optimizer',
    ],
    [
      'a key of another alternative',
      'scheme: { kind: bsp, quorumRatio: 0.6 }',
      '2:22 scheme.quorumRatio: unknown key; it belongs to scheme',
    ],
    [
      'an alternative that is none',
      'data: { partition: dirichelt }',
      '2:20 data.partition.kind: expected one of iid, digitRanges, labelsPerTrainer, dirichlet, powerLaw, not "dirichelt"; is dirichlet meant?',
    ],
    [
      'what an alternative needs',
      'data: { partition: dirichlet }',
      '2:9 data.partition.alpha: missing; expected a number from 0.000001 to 1,000,000',
    ],
    [
      'a word for another',
      'scoring: accurracy',
      '2:10 scoring: expected one of leaveOneOut, standalone, accuracy, not "accurracy"; is accuracy meant?',
    ],
    ['a list for a mapping', 'windows: [1]', '2:10 windows: expected a mapping, not [1]'],
    [
      'a duration without a unit',
      'windows: { commit: "20" }',
      '2:20 windows.commit: expected a duration such as 20 s, 500 ms or 2 min, from 2 s to 365 d, in whole seconds, not "20"',
    ],
    [
      'a site that is none',
      'network: { crashes: [{ site: bob, at: 1 s }] }',
      '2:30 network.crashes[0].site: expected scheduler, trainer-N or validator-N, N from 0, not "bob"',
    ],
    ['a model that is none', 'model: lenet', '2:8 model: there is no model "lenet"; is lenet5 meant?'],
    [
      'a file that is not there',
      'policy: ./Missing.sol',
      `2:9 policy.name: there is no file ${join(folder, 'Missing.sol')}`,
    ],
    [
      'an alternative of a list',
      'trainers: { behaviours: [{ kind: noisy, at: [0] }] }',
      '2:34 trainers.behaviours[0].kind: expected one of noise, signFlip, labelFlip, backdoor, scale, freeRide, copycat, straggler, crash, badBytes, withholdKey, not "noisy"; is noise meant?',
    ],
    [
      'a parameter of another policy',
      'policy: { name: EmaPolicy, parameters: { share: 3 } }',
      '2:49 policy.parameters.share: unknown key; EmaPolicy has alphaBp, capBp',
    ],
    [
      'a parameter out of range',
      'policy: { name: EmaPolicy, parameters: { capBp: 0 } }',
      '2:49 policy.parameters.capBp: expected a whole number from 1 to 32767, not 0',
    ],
  ])('%s', async (_, line, problem) => {
    expect(await problemsOf(`name: test\n${line}`)).toEqual([problem]);
  });

  test('of the YAML itself', async () => {
    expect(await problemsOf('name: a\nname: b')).toEqual(['2:1 : Map keys must be unique']);
    expect((await problemsOf('name: [a')).length).toBeGreaterThan(0);
    expect(await problemsOf('')).toEqual(['1:1 : expected a mapping such as "name: quickstart", not null']);
    expect(await problemsOf('- a')).toEqual([
      '1:1 : expected a mapping such as "name: quickstart", not ["a"]',
    ]);
    expect(await problemsOf('name: &a b\n? [x]\n: 1')).toEqual(['2:3 : a key has to be a word']);
    expect((await problemsOf('name: !!js/function a')).join()).toContain('Unresolved tag');
    expect((await problemsOf(`name: a\ndata: ${'['.repeat(50)}${']'.repeat(50)}`)).join()).toContain(
      'nested deeper',
    );
  });

  test('of overrides name the override', async () => {
    expect(
      await problemsOf('name: a', 'trainers.cuont=3', 'rounds=x', 'noequals', 'a b=1', 'seed=['),
    ).toHaveLength(3);
    expect(await problemsOf('name: a', 'trainers.cuont=3', 'rounds=0')).toEqual([
      '--set rounds=0 rounds: expected a whole number from 1 to 1,000,000,000, not 0',
      '--set trainers.cuont=3 trainers.cuont: unknown key; is count meant?',
    ]);
  });

  test('a file that is not there', async () => {
    await expect(loadRunFile(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'RUN_FILE_MISSING' });
  });
});

describe('contradictions', () => {
  test.each([
    [
      'nobody',
      'trainers: { behaviours: [{ kind: copycat }] }',
      'trainers.behaviours[0]: says nobody: give at (positions), count or share',
    ],
    [
      'twice',
      'trainers: { behaviours: [{ kind: copycat, at: [1], count: 1 }] }',
      'trainers.behaviours[0]: says at and count; one of them is enough',
    ],
    [
      'two for one',
      'trainers: { behaviours: [{ kind: copycat, at: [1] }, { kind: labelFlip, at: [1] }] }',
      'trainers.behaviours[1].at: position 1 is in entry 0 already',
    ],
    [
      'too many',
      'trainers: { count: 3, behaviours: [{ kind: copycat, at: [1] }, { kind: labelFlip, count: 3 }] }',
      'trainers.behaviours[1]: 3 are asked for, and of 3 only 2 are left',
    ],
    [
      'friends',
      'validators: { behaviours: [{ kind: collude, friends: [7], at: [0] }] }',
      'validators.behaviours[0].friends: there is no Trainer 7: trainers.count is 7',
    ],
    [
      'nobody at the start',
      'trainers: { joinsAtRound: 1 }',
      'trainers.joinsAtRound: no Trainer joins at the start, so the first round never opens',
    ],
    [
      'too late',
      'trainers: { groups: [{ at: [1], joinsAtRound: 10 }] }',
      'trainers: Trainer 1 joins at round 10, and there are rounds 0 to 9',
    ],
    [
      'too poor',
      'economy: { purse: 49 }',
      'trainers.bond: Trainer 0 bonds 50 tokens and has economy.purse = 49',
    ],
    [
      'bond too low',
      'validators: { groups: [{ at: [2], bond: 1 }] }',
      'validators.bond: Validator 2 bonds 1 tokens, less than economy.validatorBond = 50',
    ],
    ['sample', 'trainers: { sampleSize: 8 }', 'trainers.sampleSize: 8 are to be drawn of 7 Trainers'],
    [
      'ssp',
      'scheme: ssp\nlimits: { inactiveAfterRounds: 6 }',
      'limits.inactiveAfterRounds: expected under ssp at most maxVoidRounds (5)',
    ],
    ['ledger', 'limits: { maxVoidRounds: 6 }', 'limits.maxVoidRounds: the ledger has 5, not 6'],
    [
      'members',
      'limits: { minTrainers: 8 }',
      'limits.minTrainers: 8 are needed to open a round, and there are 7',
    ],
    ['budget', 'economy: { budget: 9 }', "economy.budget: the budget, 9, does not pay one round's pool, 10"],
    [
      'policy and scoring',
      'policy: FlobcPolicy',
      'policy.name: FlobcPolicy needs scoring: accuracy, not leaveOneOut',
    ],
    [
      'partition in time',
      'network: { partitions: [{ from: 2 s, to: 1 s, sites: [scheduler] }] }',
      'network.partitions[0].to: ends before it begins',
    ],
    [
      'site',
      'network: { crashes: [{ site: validator-3, at: 1 s }] }',
      'network.crashes[0].site: there is no validator-3: validators.count is 3',
    ],
  ])('%s', async (_, lines, problem) => {
    const problems = await problemsOf(`name: test\n${lines}`);
    expect(problems.map((text) => text.slice(text.indexOf(' ') + 1))).toContain(problem);
  });
});

describe('what is read', () => {
  test('needs a name only, and is a run of seven Trainers and three Validators', async () => {
    const plan = await planOf('');
    expect(plan.trainers).toHaveLength(7);
    expect(plan.validators).toHaveLength(3);
    expect(plan.economy).toMatchObject({ budgetWei: 100n * 10n ** 18n, poolWei: 10n * 10n ** 18n });
    expect(plan.protocol.scheme).toMatchObject({ kind: 'bsp' });
  });

  test('has the defaults of the protocol', async () => {
    const run = `0x${'1'.repeat(64)}`;
    for (const kind of ['bsp', 'ssp', 'bap', 'buffered']) {
      const parsed = parseConfig({ run, scheme: { kind } });
      if (!parsed.ok) throw new Error('there are no such defaults');
      const { protocol } = await planOf(`scheme: ${kind}`);
      // Those three belong to the run file: it knows how many take part, and how long.
      const {
        run: _run,
        initialTrust: _trust,
        minTrainers: _t,
        minValidators: _v,
        maxRounds: _r,
        ...defaults
      } = parsed.config;
      expect(protocol).toMatchObject(defaults);
    }
  });

  test('shorthands stand for their mappings', async () => {
    const short = await planOf(
      'data: fashion-mnist\ntrainers: 4\nvalidators: 5\nscheme: bap\naggregator: coordinateMedian\npolicy: FlatPolicy',
    );
    const long = await planOf(
      'data: { dataset: { kind: fashion-mnist } }\ntrainers: { count: 4 }\nvalidators: { count: 5 }\nscheme: { kind: bap }\naggregator: { name: coordinateMedian }\npolicy: { name: FlatPolicy }',
    );
    expect(short).toEqual(long);
  });

  test('every field of a plan can be said', async () => {
    writeFileSync(join(folder, 'Fair.sol'), '// not compiled here');
    writeFileSync(join(folder, 'model.json'), '{}');
    const plan = await planOf(`
seed: a text
rounds: 3
coordination: flobc
model: ./model.json
codec: int8
scoring: standalone
election: drawn
data:
  dataset: { kind: csv, path: a.csv, testPath: b.csv, label: y, target: class, classNames: [a, b], columns: { x: number, z: [p, q] }, delimiter: ";" }
  partition: { kind: powerLaw, exponent: 2, ratio: 10 }
  samplesPerTrainer: all
  samplesPerValidator: 5
  sharePerRound: 0.5
  testSamples: 100
training:
  epochs: 2
  batchSize: 8
  maxBatches: 3
  optimizer: { kind: adam, learningRate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 1.0e-6 }
  weightDecay: 0.1
  clipNorm: 1
  proximal: 0.2
  decay: { factor: 0.9, least: 0.001 }
  loss: meanSquaredError
  backend: tfjs
aggregator: { name: normClipping, bound: 3, of: { name: multiKrum, hostile: 1, keep: 2, weights: samples, discounts: [1000000000, 5] } }
trainers:
  count: 12
  sampleSize: 11
  speed: 2
  bond: 60
  behaviours:
    - { kind: noise, std: 0.5, at: [0] }
    - { kind: signFlip, factor: 2, at: [1] }
    - { kind: labelFlip, at: [2] }
    - { kind: backdoor, dose: 0.3, target: 1, at: [3] }
    - { kind: scale, factor: -4, at: [4] }
    - { kind: freeRide, with: last, at: [5] }
    - { kind: copycat, at: [6] }
    - { kind: straggler, mean: 2, at: [7] }
    - { kind: crash, p: 0.2, down: 3 s, at: [8] }
    - { kind: badBytes, with: shape, at: [9] }
    - { kind: withholdKey, p: 0.4, at: [10] }
  groups:
    - { at: [11], speed: 3, bond: 70, joinsAtRound: 2 }
validators:
  count: 10
  behaviours:
    - { kind: lazy, with: random, at: [0] }
    - { kind: voteFlip, at: [1] }
    - { kind: collude, group: g, friends: [0-2], at: [2, 3] }
    - { kind: absent, p: 0.1, at: [4] }
    - { kind: neverReveal, at: [5] }
    - { kind: copyBallot, at: [6] }
    - { kind: wrongDigest, at: [7] }
    - { kind: censor, trainers: [1], at: [8] }
scheme: { kind: buffered, capacity: 4, maxWait: 30 s, updatesPerRound: 2, staleness: { kind: hinge, threshold: 1, slope: 1/2 } }
windows: { gathering: 1 min, lineup: 2 s, opening: 3 s, commit: 4 s, reveal: 5 s, settlement: 6 s, maxPause: 7 s }
quorum: { few: 3/5, many: 0.7, manyFrom: 5 }
limits: { minTrainers: 2, minValidators: 1, maxLineup: 99, inactiveAfterRounds: 4 }
policy: { name: ./Fair.sol, parameters: [1, true, x], gas: 20000 }
economy: { pool: 1, budget: 2, purse: 80, trainerBond: 55, validatorBond: 45, evidence: 8 s }
network:
  latency: 1 ms
  jitter: 2 ms
  bandwidth: 1 MB/s
  loss: 0.01
  duplication: 0.02
  reordering: 0.03
  block: 4 ms
  partitions: [{ from: 1 s, to: 2 s, sites: [trainer-0, validator-1] }]
  crashes: [{ site: scheduler, at: 3 s, down: 4 s }]
keep: { updates: true, models: all }
`);
    const one = 10n ** 18n;
    const actor = { speed: 2, bondWei: 60n * one, joinsAtRound: 0 };
    const validator = { speed: 1, bondWei: 45n * one, joinsAtRound: 0 };
    const digest = expect.stringMatching(/^0x[0-9a-f]{64}$/) as string;
    expect(plan).toEqual({
      name: 'test',
      seed: 'a text',
      coordination: 'flobc',
      model: './model.json',
      data: {
        source: {
          kind: 'csv',
          path: 'a.csv',
          testPath: 'b.csv',
          label: 'y',
          target: 'class',
          classNames: ['a', 'b'],
          columns: { x: 'number', z: ['p', 'q'] },
          delimiter: ';',
        },
        partition: { kind: 'powerLaw', parameters: { exponent: 2, ratio: 10 } },
        samplesPerTrainer: null,
        samplesPerValidator: 5,
        sharePerRound: 0.5,
        testSamples: 100,
      },
      learning: {
        backend: 'tfjs',
        loss: 'meanSquaredError',
        hyper: {
          epochs: 2,
          batchSize: 8,
          maxBatches: 3,
          optimizer: { kind: 'adam', learningRate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 1e-6 },
          weightDecay: 0.1,
          clipNorm: 1,
          proximal: 0.2,
        },
        decay: { factor: 0.9, least: 0.001 },
        aggregator: {
          name: 'normClipping',
          bound: 3,
          of: { name: 'multiKrum', hostile: 1, keep: 2, weights: 'samples', discounts: [1_000_000_000, 5] },
        },
        scoring: 'standalone',
        codec: 'int8',
      },
      trainers: [
        { kind: 'noise', std: 0.5 },
        { kind: 'signFlip', factor: 2 },
        { kind: 'labelFlip' },
        { kind: 'backdoor', share: 0.3, target: 1 },
        { kind: 'scale', factor: -4 },
        { kind: 'freeRide', with: 'last' },
        { kind: 'copycat' },
        { kind: 'straggler', mean: 2 },
        { kind: 'crash', p: 0.2, downMs: 3000 },
        { kind: 'badBytes', with: 'shape' },
        { kind: 'withholdKey', p: 0.4 },
        { kind: 'honest' },
      ].map((behaviour, i) => ({
        ...(i === 11 ? { speed: 3, bondWei: 70n * one, joinsAtRound: 2 } : actor),
        behaviour,
      })),
      validators: [
        { kind: 'lazy', with: 'random' },
        { kind: 'voteFlip' },
        { kind: 'collude', group: 'g', friends: [0, 1, 2] },
        { kind: 'collude', group: 'g', friends: [0, 1, 2] },
        { kind: 'absent', p: 0.1 },
        { kind: 'neverReveal' },
        { kind: 'copyBallot' },
        { kind: 'wrongDigest' },
        { kind: 'censor', trainers: [1] },
        { kind: 'honest' },
      ].map((behaviour) => ({ ...validator, behaviour })),
      protocol: {
        minTrainers: 2,
        minValidators: 1,
        maxRounds: 3,
        maxVoidRounds: 5,
        maxProposers: 3,
        maxLineup: 99,
        maxCommittee: 32,
        sampleSize: 11,
        inactiveAfterRounds: 4,
        election: 'drawn',
        quorum: {
          few: { numerator: 3, denominator: 5 },
          many: { numerator: 7, denominator: 10 },
          manyFrom: 5,
        },
        windows: {
          gatheringMs: 60_000,
          lineupMs: 2000,
          openingMs: 3000,
          commitMs: 4000,
          revealMs: 5000,
          settlementMs: 6000,
          maxPauseMs: 7000,
        },
        scheme: {
          kind: 'buffered',
          capacity: 4,
          maxWaitMs: 30_000,
          updatesPerRound: 2,
          staleness: { kind: 'hinge', threshold: 1, slope: { numerator: 1, denominator: 2 } },
        },
      },
      policy: { kind: 'file', path: './Fair.sol', parameters: [1, true, 'x'], gas: 20_000 },
      economy: {
        poolWei: one,
        budgetWei: 2n * one,
        purseWei: 80n * one,
        trainerBondWei: 55n * one,
        validatorBondWei: 45n * one,
        evidenceMs: 8000,
      },
      network: {
        latencyMs: 1,
        jitterMs: 2,
        bytesPerSecond: 1_000_000,
        loss: 0.01,
        duplication: 0.02,
        reordering: 0.03,
        blockMs: 4,
        partitions: [{ fromMs: 1000, toMs: 2000, sites: ['trainer-0', 'validator-1'] }],
        crashes: [{ site: 'scheduler', atMs: 3000, downMs: 4000 }],
      },
      keep: { updates: true, models: 'all' },
      files: { './Fair.sol': digest, './model.json': digest },
    } satisfies Record<keyof RunPlan, unknown>);
  });

  test('positions that are not said are drawn from the seed, and from nothing else', async () => {
    const hostile = async (more: string, seed = 1) =>
      (
        await planOf(
          `seed: ${seed}\ntrainers: { count: 20, behaviours: [{ kind: copycat, share: 0.25 }, { kind: labelFlip, at: [3] }${more}] }`,
        )
      ).trainers.flatMap(({ behaviour }, i) => (behaviour.kind === 'copycat' ? [i] : []));
    const drawn = await hostile('');
    expect(drawn).toHaveLength(5);
    expect(drawn).not.toContain(3);
    expect(await hostile(', { kind: scale, count: 4 }')).toEqual(drawn);
    expect(await hostile('', 2)).not.toEqual(drawn);
  });

  test('what a policy file says is part of the configuration', async () => {
    const digests = [];
    for (const text of ['// one', '// two']) {
      writeFileSync(join(folder, 'Fair.sol'), text);
      digests.push(configurationDigest(await planOf('policy: ./Fair.sol')));
    }
    expect(digests[0]).not.toBe(digests[1]);
  });
});

describe('layers', () => {
  test('the file is over the preset, overrides are over the file', async () => {
    expect(await planOf('preset: flobc')).toMatchObject({
      model: 'flobc-cnn',
      learning: { scoring: 'accuracy' },
    });
    expect(await planOf('preset: flobc\nmodel: lenet5')).toMatchObject({
      model: 'lenet5',
      data: { sharePerRound: 0.3 },
    });
    expect(await planOf('preset: flobc\nmodel: lenet5', 'model=mlp-200')).toMatchObject({ model: 'mlp-200' });
    expect(await planOf('', 'preset=pooled')).toMatchObject({ coordination: 'pooled', validators: [] });
  });

  test('a mapping is merged, another alternative replaces the whole', async () => {
    const merged = await planOf('scheme: { kind: ssp, period: 20 s, maxStaleness: 9 }', 'scheme.period=30 s');
    expect(merged.protocol.scheme).toMatchObject({ kind: 'ssp', periodMs: 30_000, maxStaleness: 9 });
    const other = await planOf('scheme: { kind: ssp, period: 20 s, maxStaleness: 9 }', 'scheme=bap');
    expect(other.protocol.scheme).toMatchObject({ kind: 'bap', maxWaitMs: 600_000 });
    const policy = await planOf('preset: flobc', 'policy=FlatPolicy');
    expect(policy.policy).toMatchObject({ name: 'FlatPolicy', parameters: [] });
  });

  test('a number in an override names a place in a list', async () => {
    const list =
      'trainers: { behaviours: [{ kind: noise, std: 0.1, at: [2] }, { kind: signFlip, at: [5] }] }';
    const plan = await planOf(
      list,
      'trainers.behaviours.0.std=0.2',
      'trainers.behaviours.2={kind: copycat, at: [0]}',
    );
    expect([0, 2, 5].map((i) => plan.trainers[i]!.behaviour)).toEqual([
      { kind: 'copycat' },
      { kind: 'noise', std: 0.2 },
      { kind: 'signFlip', factor: 1 },
    ]);
  });

  test('a key without a value has its default, an alternative need not be named', async () => {
    const plan = await planOf('rounds:\nwindows:\n  commit:\ntraining: { optimizer: { momentum: 0.9 } }');
    expect(plan.protocol).toMatchObject({ maxRounds: 10, windows: { commitMs: 300_000 } });
    expect(plan.learning.hyper.optimizer).toMatchObject({ kind: 'sgd', momentum: 0.9, learningRate: 0.1 });
  });

  test('keys of an object are keys like any other', async () => {
    expect(await problemsOf('name: a\n__proto__: { x: 1 }\nconstructor: 1')).toEqual([
      expect.stringContaining('__proto__: unknown key'),
      expect.stringContaining('constructor: unknown key'),
    ]);
  });

  test('every value knows where it came from', async () => {
    const { provenance } = await load('name: test\npreset: fedavg\ntrainers: 3', ['rounds=4']);
    const kind = (path: string) => provenance.origins.get(path)?.kind;
    expect(
      ['name', 'trainers.count', 'rounds', 'coordination', 'aggregator.weights', 'seed', 'economy.pool'].map(
        kind,
      ),
    ).toEqual(['file', 'file', 'override', 'preset', 'preset', 'default', 'default']);
  });

  test('what means nothing to a coordination is warned of', async () => {
    const { warnings } = await load('name: test\npreset: fedavg\npolicy: FlatPolicy');
    expect(warnings).toEqual(['run.yaml:3:1  policy means nothing to coordination fedavg']);
  });
});

describe('presets', () => {
  test.each(Object.values(presets))('$name sets what it says, and says why', async (preset) => {
    const { plan, provenance, warnings } = await load(`name: test\npreset: ${preset.name}`);
    expect(plan.coordination).toBe(preset.name);
    expect(warnings).toEqual([]);
    for (const { path, why } of preset.settings) {
      const key = ['aggregator', 'policy'].includes(path) ? `${path}.name` : path;
      expect(provenance.origins.get(key)).toEqual({ kind: 'preset', name: preset.name, why });
      expect(why).not.toBe('');
    }
  });
});

describe('the files that ship', () => {
  const root = join(import.meta.dirname, '../../../../experiments');
  // Sweep files, which have a base, are read by sweep/load.spec.ts.
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !/^base:/m.test(readFileSync(join(root, name), 'utf8')),
  );

  test.each(files)('%s is read without a warning', async (file) => {
    const { plan, warnings } = await loadRunFile(join(root, file));
    expect(warnings).toEqual([]);
    expect(plan.protocol.maxRounds).toBeGreaterThan(0);
  });
});
