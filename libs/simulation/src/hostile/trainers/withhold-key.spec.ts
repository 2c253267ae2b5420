import { describe, expect, test } from 'vitest';
import { trainerSetting, trainingFrom } from '../situations.fixture.ts';
import { withholdKey } from './withhold-key.ts';

const published = (p: number, round = 0) => {
  const { publishesKey } = withholdKey({ kind: 'withholdKey', p }, trainerSetting());
  return Array.from({ length: 2_000 }, (_, training) => publishesKey!(trainingFrom([], { training, round })));
};
const share = (all: readonly boolean[]) => all.filter(Boolean).length / all.length;

describe('a Trainer that withholds keys', () => {
  test('publishes the share that is left', () => {
    expect(Math.abs(share(published(0.3)) - 0.7)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 2_000));
    expect(share(published(1))).toBe(0);
    expect(share(published(0))).toBe(1);
  });

  test('says the same about an update whenever it is asked', () => {
    expect(published(0.5, 9)).toEqual(published(0.5, 0));
  });
});
