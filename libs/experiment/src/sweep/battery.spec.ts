import { expect, test } from 'vitest';
import { attacks, batteryText, honestLabel } from './battery.ts';
import { parseSweepFile } from './load.ts';

const battery = (fixed?: Record<string, unknown>) =>
  parseSweepFile(
    batteryText({ policy: 'ProportionalPolicy', name: 'battery', seeds: '1-2', ...(fixed && { fixed }) }),
    'battery',
  );

test('is a sweep with one combination for nobody hostile and one for each attack', async () => {
  const { cells, trials } = await battery();
  expect(cells.map(({ combination }) => combination[0]!.label)).toEqual([
    honestLabel,
    ...attacks.map(({ label }) => label),
  ]);
  expect(trials).toHaveLength(2 * cells.length);
});

test('has as many hostile ones as it says, of the kind and role that it says', async () => {
  const { trials } = await battery();
  for (const { cell, loaded } of trials) {
    const attack = attacks.find(({ label }) => label === cell.combination[0]!.label);
    const castOf = { trainer: loaded.plan.trainers, validator: loaded.plan.validators };
    const hostile = castOf[attack?.role ?? 'trainer'].filter(({ behaviour }) => behaviour.kind !== 'honest');
    expect(hostile.map(({ behaviour }) => behaviour.kind)).toEqual(
      attack === undefined ? [] : Array.from({ length: attack.percent / 10 }, () => attack.kind),
    );
  }
});

test('takes values over its own', async () => {
  const { trials } = await battery({ scoring: 'accuracy', rounds: 3 });
  for (const { plan } of trials.map(({ loaded }) => loaded))
    expect([plan.learning.scoring, plan.protocol.maxRounds]).toEqual(['accuracy', 3]);
});
