import { expect, test } from 'vitest';
import { openInProcessChain } from '#libs/evm';
import { parseRunFile } from '#libs/experiment';
import type { Event } from '#libs/protocol';
import { layGround } from './ground.ts';
import { simulate } from './simulate.ts';

/** Validators that are too slow for the window in which they have to commit. */
const runFile = `
name: suspended
rounds: 5
model: mlp-200
data: { dataset: mnist, samplesPerTrainer: 40, samplesPerValidator: 40, testSamples: 100 }
trainers: 2
validators: { count: 2, groups: [{ at: [0, 1], speed: 0.0001 }] }
windows: { commit: 2 s, gathering: 1 h }
`;

test('where all Validators are suspended they come back at once: nobody else would open a round', async () => {
  const { plan } = await parseRunFile(runFile, { file: 'suspended.yaml', folder: '.' });
  const ground = await layGround(plan, { workers: 1 });
  const events: Event[] = [];
  await simulate(plan, ground, {
    openChain: openInProcessChain,
    policy: { name: 'ProportionalPolicy' },
    observer: { events: (happened) => void events.push(...happened) },
  }).finally(() => ground.learner.close());
  const voided = events.filter(({ kind }) => kind === 'roundVoided');
  expect(voided).toMatchObject(Array(5).fill({ reason: 'tooFewCommits' }));
  expect(events.filter(({ kind }) => kind === 'memberSuspended').length).toBeGreaterThanOrEqual(4);
  expect(events.filter(({ kind }) => kind === 'runHalted')).toHaveLength(1);
});
