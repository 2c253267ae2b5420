import { describe, expect, test } from 'vitest';
import { attacks, honestLabel, type SweepResults } from '#libs/experiment';
import { findingsOf } from './findings.ts';
import { findingsText } from './text.ts';

const noise = attacks.filter(({ kind }) => kind === 'noise');
const lazy = attacks.filter(({ kind }) => kind === 'lazy');
const labels = [honestLabel, ...[...noise, ...lazy].map(({ label }) => label)];

/** Noise never pays, idleness does from two fifths on, and at three tenths nobody can say. */
function metricsOf(label: string, seed: number): Record<string, number> {
  const attack = attacks.find((one) => one.label === label);
  if (attack === undefined)
    return { 'accuracy.final': 0.98, 'profit.trainer.honest': 10, 'verdict.false_refusals': 0.01 };
  const pays = attack.kind === 'lazy' ? attack.percent - 30 : -5;
  const advantage = pays / 10 + seed / 100 - 0.02;
  return { 'accuracy.final': 0.9, [`advantage.${attack.role}.${attack.kind}`]: advantage };
}

const trials = labels.flatMap((label, cell) =>
  [1, 2, 3].map((seed) => ({
    ...{ id: `${cell}-${seed}`, cell, seed: String(seed), folder: '.' },
    figures: { metrics: metricsOf(label, seed) },
  })),
);
const results = {
  folder: '.',
  record: {
    ...{
      name: 'battery',
      axes: [{ name: 'attack', labels }],
      seeds: ['1', '2', '3'],
      expectations: [],
      trials,
    },
    cells: labels.map((label, i) => ({ labels: [label], isBaseline: i === 0 })),
  },
  trials,
} as unknown as SweepResults;

describe('what a battery found', () => {
  const found = findingsOf(results);

  test('is told for every attack that was run, and for no other', () => {
    expect(found.attacks.map(({ label }) => label)).toEqual(labels.slice(1));
    expect(found.honest).toMatchObject({ accuracy: 0.98, refused: 0.01, profit: { trainer: 10 } });
  });

  test('pays where the whole interval is above zero, and is unclear where zero is within', () => {
    const paysOf = (of: typeof noise) =>
      of.map(({ label }) => found.attacks.find((one) => one.label === label)!.pays);
    expect(paysOf(noise)).toEqual(['no', 'no', 'no', 'no', 'no']);
    expect(paysOf(lazy)).toEqual(['no', 'no', 'unclear', 'yes', 'yes']);
  });

  test('is a table by behaviour and share, and a sentence', () => {
    const text = findingsText('MyPolicy', found);
    expect(text).toMatch(/validator lazy .*-2\.00 ± 0\.02.*\+0\.00 ± 0\.02 \?.*\+1\.00 ± 0\.02 !/);
    expect(text).toContain('cheating pays: validator lazy 40 % (+1.00), validator lazy 50 % (+2.00)');
  });
});
