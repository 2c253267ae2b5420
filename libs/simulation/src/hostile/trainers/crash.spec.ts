import { describe, expect, test } from 'vitest';
import { trainerSetting, trainingFrom } from '../situations.fixture.ts';
import { crash } from './crash.ts';

const downs = (p: number, of: (i: number) => { training: number; round: number }) => {
  const { downMs } = crash({ kind: 'crash', p, downMs: 60_000 }, trainerSetting());
  return Array.from({ length: 2_000 }, (_, i) => downMs!(trainingFrom([], of(i))));
};
const inEveryRound = (i: number) => ({ training: i, round: i });

describe('a Trainer that crashes', () => {
  test('does so at the share of its trainings that was asked for, and then for that long', () => {
    const all = downs(0.3, inEveryRound);
    expect(new Set(all)).toEqual(new Set([0, 60_000]));
    const share = all.filter((ms) => ms > 0).length / all.length;
    expect(Math.abs(share - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 2_000));
    expect(downs(0.3, inEveryRound)).toEqual(all);
  });

  test('always or never at the ends', () => {
    expect(Math.min(...downs(1, inEveryRound))).toBe(60_000);
    expect(Math.max(...downs(0, inEveryRound))).toBe(0);
  });

  test('gets on with a training that it crashed at, in a later round', () => {
    expect(new Set(downs(0.3, (round) => ({ training: 5, round }))).size).toBe(2);
  });
});
