import { expect, test } from 'vitest';
import { actor, digest, entryOf, validatorSetting } from '../situations.fixture.ts';
import { absent } from './absent.ts';
import { censor } from './censor.ts';
import { neverReveal } from './never-reveal.ts';
import { wrongDigest } from './wrong-digest.ts';
import { generator } from '#libs/random';

test('who is absent takes part in the share of the rounds that is left, the same ones by the same seed', () => {
  const attends = (p: number) => {
    const { takesPart } = absent({ kind: 'absent', p }, validatorSetting());
    return Array.from({ length: 2_000 }, (_, round) => takesPart!(round));
  };
  const share = attends(0.3).filter(Boolean).length / 2_000;
  expect(Math.abs(share - 0.7)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 2_000));
  expect(attends(0.3)).toEqual(attends(0.3));
  expect(attends(1)).not.toContain(true);
  expect(attends(0)).not.toContain(false);
});

test('who never reveals does not', () => {
  expect([0, 1, 2].map((round) => neverReveal().reveals!(round))).toEqual([false, false, false]);
});

test('who signs a wrong digest signs one of its own, the same whenever it is asked', () => {
  const model = (seed: string, honest = digest(5)) => wrongDigest({ random: generator(seed) }).model!(honest);
  expect(model('one')).toMatch(/^0x[0-9a-f]{64}$/);
  expect(model('one')).toBe(model('one'));
  expect(new Set([digest(5), model('one'), model('two'), model('one', digest(6))]).size).toBe(4);
});

test('a censor leaves out what its victims sent, and keeps the order of the rest', () => {
  const setting = validatorSetting();
  const { lineup } = censor({ kind: 'censor', trainers: [0, 2, 99] }, setting);
  const entries = [...setting.trainers, actor(77)].map((trainer) => entryOf(trainer));
  expect(lineup!(entries)).toEqual([entries[1], entries[3], entries[4]]);
});
