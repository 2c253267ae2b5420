import { expect, test } from 'vitest';
import { subjectOf } from '#libs/wire';
import { admissionOf } from './admission.ts';
import { actorOf, runOf } from './scene.fixture.ts';

const run = runOf('a run');
const budget = { messagesPerSecond: 1, bytesPerSecond: 1_000, burstSeconds: 2 };
const subject = subjectOf({ run, kind: 'receipt', sender: actorOf('trainer') });

test('what is too large, under a strange subject or beyond the budget is refused, from cheap to dear', () => {
  const admit = admissionOf(run, { maxMessageBytes: 100, budget });
  expect(admit(subject, 100, 0)).toBeNull();
  expect(admit(subject, 101, 0)).toBe('size');
  expect(admit('flobc.v1', 10, 0)).toBe('subject');
  expect(
    admit(subjectOf({ run: runOf('another'), kind: 'receipt', sender: actorOf('trainer') }), 10, 0),
  ).toBe('subject');
  expect(admit(subject.replace('receipt', 'recipe'), 10, 0)).toBe('subject');
  // Neither of these has cost the sender anything.
  expect([admit(subject, 1, 0), admit(subject, 1, 0), admit(subject, 1, 1_000)]).toEqual([
    null,
    'budget',
    null,
  ]);
});
