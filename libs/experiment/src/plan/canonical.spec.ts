import { describe, expect, test } from 'vitest';
import { parseRunFile } from '../run-file/load.ts';
import type { RunPlan } from '../run-plan.ts';
import { canonicalPlan, configurationDigest, planJson } from './canonical.ts';
import { parsePlan } from './parse.ts';

const planOf = async (text: string, name = 'test'): Promise<RunPlan> =>
  (await parseRunFile(`name: ${name}\n${text}`, { file: 'run.yaml', folder: '.' })).plan;
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** A plan of version 1, as it was written once: what is on a chain has to be read for ever. */
const first =
  '{"format":"flobc.plan","plan":{"coordination":"flobc","data":{"partition":{"kind":"iid"},"samplesPerTrainer":4,"samplesPerValidator":2,"sharePerRound":1,"source":{"kind":"mnist"},"testSamples":null},"economy":{"budgetWei":"2","evidenceMs":2000,"poolWei":"1","purseWei":"5000000000000000000","trainerBondWei":"1","validatorBondWei":"1"},"files":{},"keep":{"models":"last","updates":false},"learning":{"aggregator":{"name":"weightedMean","weights":"trust"},"backend":"auto","codec":"float32","decay":{"factor":1,"least":0},"hyper":{"batchSize":32,"epochs":1,"optimizer":{"kind":"sgd","learningRate":0.1,"momentum":0,"nesterov":false},"proximal":0,"weightDecay":0},"loss":null,"scoring":"leaveOneOut"},"model":"logistic","name":"first","network":{"blockMs":1000,"bytesPerSecond":1000000,"crashes":[],"duplication":0,"jitterMs":0,"latencyMs":50,"loss":0,"partitions":[],"reordering":0},"policy":{"gas":8000000,"kind":"product","name":"FlatPolicy","parameters":[]},"protocol":{"election":"drawn","inactiveAfterRounds":5,"maxCommittee":32,"maxLineup":256,"maxProposers":3,"maxRounds":2,"maxVoidRounds":5,"minTrainers":1,"minValidators":1,"quorum":{"few":{"denominator":2,"numerator":1},"many":{"denominator":3,"numerator":2},"manyFrom":4},"sampleSize":0,"scheme":{"kind":"bsp","periodMs":600000,"staleness":{"kind":"constant"}},"windows":{"commitMs":300000,"gatheringMs":3600000,"lineupMs":60000,"maxPauseMs":86400000,"openingMs":60000,"revealMs":60000,"settlementMs":120000}},"seed":"1","trainers":[{"behaviour":{"kind":"honest"},"bondWei":"1","joinsAtRound":0,"speed":1}],"validators":[{"behaviour":{"kind":"honest"},"bondWei":"1","joinsAtRound":0,"speed":1}]},"version":1}';

describe('the canonical form', () => {
  test('of version 1 is read, and has the digest that it always had', () => {
    const plan = parsePlan(JSON.parse(first));
    expect(canonicalPlan(plan)).toBe(first);
    expect(configurationDigest(plan)).toBe(
      '0x7f250aefbb3e49bd8ba5b51a1fe9006735535b8a93d3aa66e824c9058830e23d',
    );
  });

  test.each([
    ['', 'as it is'],
    ['seed: a text\nscheme: { kind: bap, quorumRatio: 2/3 }', 'a ratio'],
    [
      'data: { partition: { kind: dirichlet, alpha: 0.5 } }\naggregator: { name: krum, hostile: 1 }',
      'parameters',
    ],
    ['trainers: { count: 9, behaviours: [{ kind: crash, share: 0.5 }] }', 'a behaviour'],
    ['policy: FlobcPolicy\nscoring: accuracy', 'parameters of a policy'],
    [
      'data: { dataset: { kind: npy, features: a.npy, labels: b.npy } }\nvalidators: 0\npreset: fedavg',
      'a baseline',
    ],
  ])('of %j comes back as the same plan', async (text) => {
    const plan = await planOf(text);
    expect(parsePlan(throughJson(planJson(plan)))).toEqual(plan);
    expect(canonicalPlan(parsePlan(JSON.parse(canonicalPlan(plan))))).toBe(canonicalPlan(plan));
  });

  test('does not depend on the order of keys', async () => {
    const plan = await planOf('');
    const turned = Object.fromEntries(Object.entries(plan).reverse()) as unknown as RunPlan;
    expect(canonicalPlan(turned)).toBe(canonicalPlan(plan));
  });
});

describe('the digest', () => {
  test('changes with everything that can change a result', async () => {
    const texts = [
      '',
      'seed: 2',
      'rounds: 11',
      'network: { latency: 51 ms }',
      'economy: { pool: 10.000000000000000001 }'.replace('10.', '"10.').replace(' }', '" }'),
      'training: { proximal: 1.0e-9 }',
      'trainers: { groups: [{ at: [3], speed: 2 }] }',
    ];
    const digests = await Promise.all(texts.map(async (text) => configurationDigest(await planOf(text))));
    expect(new Set(digests).size).toBe(texts.length);
    expect(configurationDigest(await planOf('', 'other'))).not.toBe(digests[0]);
  });

  test('does not change with what a folder keeps, nor with how the file says it', async () => {
    const digest = configurationDigest(await planOf(''));
    expect(configurationDigest(await planOf('keep: { updates: true, models: all }'))).toBe(digest);
    expect(
      configurationDigest(await planOf('scheme: { kind: bsp, period: 600 s }\ntrainers: { count: 7 }')),
    ).toBe(digest);
  });
});

describe('another plan than ours is refused', () => {
  const changes: [string, (plan: string) => string][] = [
    ['another version', (text) => text.replace('"version":1}', '"version":2}')],
    ['a key too many', (text) => text.replace('"seed"', '"sead":1,"seed"')],
    ['a key too few', (text) => text.replace('"model":"logistic",', '')],
    ['a default left out', (text) => text.replace('"proximal":0,', '')],
    ['an amount as a number', (text) => text.replace('"poolWei":"1"', '"poolWei":1')],
    ['an amount that is padded', (text) => text.replace('"poolWei":"1"', '"poolWei":"01"')],
    [
      'keys in another order',
      (text) => text.replace('"models":"last","updates":false', '"updates":false,"models":"last"'),
    ],
    ['a protocol that is none', (text) => text.replace('"maxVoidRounds":5', '"maxVoidRounds":0')],
    ['a behaviour that is none', (text) => text.replace('"kind":"honest"', '"kind":"noise"')],
    ['a digest that is none', (text) => text.replace('"files":{}', '"files":{"a.sol":"0x12"}')],
  ];

  test.each(changes)('%s', (_, change) => {
    const changed = change(first);
    expect(changed).not.toBe(first);
    expect(() => parsePlan(JSON.parse(changed))).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID' }) as Error,
    );
  });

  test.each([null, [], 'plan', 3, {}])('%j', (json) => {
    expect(() => parsePlan(json)).toThrow('This is no plan of a run');
  });
});
