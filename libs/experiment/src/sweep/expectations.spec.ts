import { describe, expect, test } from 'vitest';
import { isAbout, judge, parseExpectation } from './expectations.ts';
import { axesOf } from './matrix.ts';

const axes = axesOf({
  hostile: [0, 0.15, 0.4],
  policy: ['FlatPolicy', 'ProportionalPolicy'],
  share: { '15 %': {}, none: {} },
});

function read(text: string) {
  const parsed = parseExpectation(text, axes);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}
const valuesOf = (metric: string): number[] =>
  ({ 'accuracy.final': [0.9, 0.95, 1], 'accuracy.best': [1, 1, 1] })[metric] ?? [];

describe('an expectation', () => {
  test.each([
    ['accuracy.final.mean >= 0.95', true],
    ['accuracy.final.mean > 96 %', false],
    ['accuracy.final.min < 0.91', true],
    ['accuracy.final.max = 1', true],
    ['accuracy.final.median != 0.95', false],
    // The interval of three values that are 0.05 apart: 4.303 * 0.05 / sqrt(3) = 0.124
    ['accuracy.final.low < 0.83', true],
    ['accuracy.final.high <= 1.07', false],
    ['accuracy.final.mean < accuracy.best.mean', true],
    // What no trial has holds nothing.
    ['verdict.recall.mean >= 0', false],
    ['verdict.recall.mean != 0', false],
  ])('%s: %s', (text, holds) => {
    expect(judge(read(text), valuesOf).holds).toBe(holds);
  });

  test.each([
    ['hostile = 0', [true, false, false]],
    ['hostile != 0', [false, true, true]],
    ['hostile > 0', [false, true, true]],
    ['hostile <= 15 %', [true, true, false]],
    ['hostile = 0.4 and policy = FlatPolicy', [false, false, true]],
    ['policy = ProportionalPolicy', [false, false, false]],
  ])('is about %s', (condition, expected) => {
    const about = read(`accuracy.final.mean > 0 where ${condition}`);
    const [hostile, policy, share] = axes;
    const found = hostile!.choices.map((choice) =>
      isAbout(about, axes, [choice, policy!.choices[0]!, share!.choices[0]!]),
    );
    expect(found).toEqual(expected);
  });

  test('labels with a percent sign are numbers', () => {
    const about = read('accuracy.final.mean > 0 where share = 0.15');
    const of = (i: number) =>
      isAbout(about, axes, [axes[0]!.choices[0]!, axes[1]!.choices[0]!, axes[2]!.choices[i]!]);
    expect([of(0), of(1)]).toEqual([true, false]);
  });

  test.each([
    'accuracy.final.mean > 1 where policy > 2',
    'a > 1 where b where c',
    'accuracy.final.mean > 1 where hostile',
  ])('refuses %s', (text) => {
    expect(parseExpectation(text, axes)).toBeTypeOf('string');
  });
});
