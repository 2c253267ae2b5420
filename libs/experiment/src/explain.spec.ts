import { describe, expect, test } from 'vitest';
import { explainPlan } from './explain.ts';
import { parseRunFile } from './run-file/load.ts';

const explain = async (text: string, ...overrides: string[]) =>
  explainPlan(await parseRunFile(`name: test\n${text}`, { file: 'run.yaml', folder: '.', overrides }));
const valueOf = async (path: string, text: string) =>
  (await explain(text)).values.find((entry) => entry.path === path)?.value;

describe('explainPlan', () => {
  test.each([
    ['windows.commit', 'windows: { commit: 90 s }', '90 s'],
    ['windows.gathering', '', '1 h'],
    ['economy.pool', 'economy: { pool: 0.25 }', '0.25'],
    ['economy.budget', 'rounds: 3\neconomy: { pool: 0.25 }', '0.75'],
    ['scheme', 'scheme: bap', 'bap'],
    ['scheme.quorumRatio', 'scheme: { kind: bap, quorumRatio: 6/7 }', '6/7'],
    ['network.bandwidth', 'network: { bandwidth: 1 MB/s }', '8 Mbit/s'],
    ['data.testSamples', '', 'all'],
    ['trainers.groups', 'trainers: { groups: [{ at: [1], bond: 50.5 }] }', '[{ at: [1], bond: 50.5 }]'],
    [
      'policy.parameters',
      'policy: { name: FlobcPolicy, parameters: { decayBp: 1 } }\nscoring: accuracy\ntrainers: 4',
      '{ decayBp: 1, resetsAtJoin: true, startTrust: 250000000 }',
    ],
    ['policy.parameters', '', undefined],
    ['data.dataset.folder', '', undefined],
  ])('%s of %j is written as a run file writes it', async (path, text, value) => {
    expect(await valueOf(path, text)).toBe(value);
  });

  test('groups actors that are alike', async () => {
    const { actors, summary } = await explain(
      'trainers: { behaviours: [{ kind: crash, at: [0-1] }], groups: [{ at: [6], speed: 0.2, joinsAtRound: 3 }] }',
    );
    expect(actors).toEqual([
      { role: 'trainer', positions: [0, 1], says: 'crash (p 0.1, downMs 60000), bond 50' },
      { role: 'trainer', positions: [2, 3, 4, 5], says: 'honest, bond 50' },
      { role: 'trainer', positions: [6], says: 'honest, speed 0.2, bond 50, joins at round 3' },
      { role: 'validator', positions: [0, 1, 2], says: 'honest, bond 50' },
    ]);
    expect(summary).toBe(
      '7 Trainers (2 crash), 3 Validators, bsp, ProportionalPolicy; lenet5 on mnist, 10 rounds',
    );
  });

  test('every value is a path that an override can set to the same', async () => {
    const { values, digest } = await explain('scheme: { kind: bap, quorumRatio: 2/3 }\npreset: flobc');
    const overrides = values
      .filter(({ value, path }) => value !== '' && path !== 'name')
      .map(({ path, value }) => `${path}=${value}`);
    expect(overrides.length).toBeGreaterThan(50);
    expect((await explain('', ...overrides)).digest).toBe(digest);
  });
});
