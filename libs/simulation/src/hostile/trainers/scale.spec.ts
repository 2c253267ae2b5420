import { expect, test } from 'vitest';
import { trainingFrom } from '../situations.fixture.ts';
import { scale } from './scale.ts';
import { signFlip } from './sign-flip.ts';

const honest = Float32Array.of(1, -2, 0.5);

test('a scaled update is the honest one times the factor', () => {
  const { delta } = scale({ kind: 'scale', factor: 10 });
  expect([...delta!(honest, trainingFrom([]))]).toEqual([10, -20, 5]);
  expect([...honest]).toEqual([1, -2, 0.5]);
});

test('a flipped update goes the other way, as far as the factor says', () => {
  const { delta } = signFlip({ kind: 'signFlip', factor: 2 });
  expect([...delta!(honest, trainingFrom([]))]).toEqual([-2, 4, -1]);
  expect([...honest]).toEqual([1, -2, 0.5]);
});
