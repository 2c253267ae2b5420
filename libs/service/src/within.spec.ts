import { expect, test } from 'vitest';
import { within } from './within.ts';

test('work that is done in time is waited for', async () => {
  expect(await within(10_000, Promise.resolve())).toBe(true);
});

test('work that is not is left', async () => {
  expect(await within(10, new Promise(() => undefined))).toBe(false);
});

test('work that fails is not hidden', async () => {
  await expect(within(10_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
});
