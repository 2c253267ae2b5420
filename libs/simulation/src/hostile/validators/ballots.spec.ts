import { describe, expect, test } from 'vitest';
import { isScore, unavailable } from '#libs/protocol';
import { generator } from '#libs/random';
import { actor, ballotOn, momentsOf, validatorSetting } from '../situations.fixture.ts';
import { collude } from './collude.ts';
import { guess, madeUp } from './guesses.ts';
import { lazy } from './lazy.ts';
import { voteFlip } from './vote-flip.ts';

const setting = validatorSetting();
const { trainers } = setting;
const many = Array.from({ length: 2_000 }, (_, i) => actor(i + 1));

describe('a made-up ballot', () => {
  test('has a score for each update, in range, and one for the base where the run scores it', () => {
    const scores = [1e9, -1e9, 1.5, -0.2];
    const scoreOf = (trainer: string) => scores[trainers.findIndex((one) => one === trainer)]!;
    expect(madeUp(ballotOn(trainers), scoreOf)).toEqual([32_767, -32_767, 2, -0]);
    const withBase = madeUp(ballotOn(trainers, { scoresBase: true }), scoreOf);
    expect(withBase).toHaveLength(5);
    expect(withBase.every(isScore)).toBe(true);
  });

  test('guesses about a Trainer the same whoever else there is', () => {
    const random = generator(1);
    guess(random, 0, actor(3));
    expect(guess(random, 0, actor(4))).toBe(guess(generator(1), 0, actor(4)));
    expect(guess(random, 1, actor(4))).not.toBe(guess(random, 0, actor(4)));
  });
});

describe('a lazy Validator', () => {
  test('says the same of everybody', () => {
    const { instead } = lazy({ kind: 'lazy', with: 'constant' }, setting);
    expect(new Set(instead!(ballotOn(many)))).toEqual(new Set([40]));
  });

  test('or guesses around what is usual', () => {
    const { instead } = lazy({ kind: 'lazy', with: 'random' }, setting);
    const { mean, deviation } = momentsOf(instead!(ballotOn(many))!);
    expect(Math.abs(mean - 40)).toBeLessThan(5 * (60 / Math.sqrt(2_000)));
    expect(Math.abs(deviation - 60)).toBeLessThan(5 * (60 / Math.sqrt(4_000)));
    expect(instead!(ballotOn(many))).toEqual(instead!(ballotOn(many)));
    expect(instead!(ballotOn(many, { round: 1 }))).not.toEqual(instead!(ballotOn(many)));
  });

  test('and guesses by itself', () => {
    const other = { ...setting, random: generator('somebody else') };
    const [one, two] = [setting, other].map((of) => lazy({ kind: 'lazy', with: 'random' }, of).instead!);
    expect(one!(ballotOn(trainers))).not.toEqual(two!(ballotOn(trainers)));
  });
});

describe('a flipped ballot', () => {
  const { scores } = voteFlip();

  test('says the opposite of what was measured, within the range of scores', () => {
    const flipped = scores!([5, -32_767, 0, 32_767], ballotOn(trainers));
    expect(flipped).toEqual([-5, 32_767, 0, -32_767]);
    expect(flipped.every(isScore)).toBe(true);
    expect(flipped.some((score) => Object.is(score, -0))).toBe(false);
  });

  test('leaves what is unavailable, and the accuracy of the base model', () => {
    const honest = [1, unavailable, -3, 4, 9_100];
    expect(scores!(honest, ballotOn(trainers, { scoresBase: true }))).toEqual([
      -1,
      unavailable,
      3,
      -4,
      9_100,
    ]);
  });
});

describe('a ring of Validators', () => {
  const member = (name: string, group = 'ring', friends = [1, 3]) =>
    collude({ kind: 'collude', group, friends }, validatorSetting({ random: generator(name) })).instead!;

  test('votes for its friends and against everybody else, by no more than is plausible', () => {
    const ballot = member('one')(ballotOn(trainers))!;
    expect(ballot.map(Math.sign)).toEqual([-1, 1, -1, 1]);
    for (const score of ballot) expect(Math.abs(score)).toBeLessThan(600);
    for (const score of ballot) expect(Math.abs(score)).toBeGreaterThanOrEqual(150);
  });

  test('votes as one, and differently in every round and in another ring', () => {
    const ballot = member('one')(ballotOn(trainers, { scoresBase: true }));
    expect(member('two')(ballotOn(trainers, { scoresBase: true }))).toEqual(ballot);
    expect(member('two')(ballotOn(trainers, { round: 1, scoresBase: true }))).not.toEqual(ballot);
    expect(member('two', 'another')(ballotOn(trainers, { scoresBase: true }))).not.toEqual(ballot);
  });

  test('finds its friends wherever they stand in the lineup', () => {
    const [first, second, third, fourth] = trainers;
    const ballot = member('one')(ballotOn([fourth!, third!, second!, first!]))!;
    expect(ballot.map(Math.sign)).toEqual([1, -1, 1, -1]);
  });
});
