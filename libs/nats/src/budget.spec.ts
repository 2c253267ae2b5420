import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budgets } from './budget.ts';

const budget = { messagesPerSecond: 10, bytesPerSecond: 1_000, burstSeconds: 2 };

describe('a budget', () => {
  test('lets a burst through, then what its rate allows', () => {
    const budgets = new Budgets(budget);
    const spend = (atMs: number): boolean => budgets.spend('a', 1, atMs);
    expect(Array.from({ length: 25 }, () => spend(0)).filter(Boolean)).toHaveLength(20);
    expect([spend(99), spend(100), spend(100)]).toEqual([false, true, false]);
  });

  test('counts bytes as well as messages', () => {
    const budgets = new Budgets(budget);
    expect([1_500, 600, 500, 1].map((size) => budgets.spend('a', size, 0))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(budgets.spend('a', 2_001, 1_000_000)).toBe(false);
  });

  test('is each sender own', () => {
    const budgets = new Budgets(budget);
    for (let i = 0; i < 100; i++) budgets.spend('flood', 1, 0);
    expect(budgets.spend('flood', 1, 0)).toBe(false);
    expect(budgets.spend('quiet', 1, 0)).toBe(true);
  });

  test('remembers a flood however many strangers come after it', () => {
    const budgets = new Budgets(budget);
    for (let i = 0; i < 100; i++) budgets.spend('flood', 1, 0);
    for (let i = 0; i < 4_000; i++) budgets.spend(`stranger ${i}`, 1, 0);
    expect(budgets.spend('flood', 1, 0)).toBe(false);
  });

  test('never lets more through than burst and rate together, whenever what comes', () => {
    const messages = fc.array(fc.tuple(fc.nat(3_000), fc.nat(500)), { maxLength: 200 });
    fc.assert(
      fc.property(messages, (sent) => {
        const budgets = new Budgets(budget);
        // Instants may also lie before the one before.
        const passed = sent.filter(([atMs, size]) => budgets.spend('a', size, atMs));
        const last = Math.max(0, ...sent.map(([atMs]) => atMs));
        const first = sent[0]?.[0] ?? 0;
        const seconds = budget.burstSeconds + (last - first) / 1_000;
        expect(passed.length).toBeLessThanOrEqual(budget.messagesPerSecond * seconds + 1e-6);
        const bytes = passed.reduce((sum, [, size]) => sum + size, 0);
        expect(bytes).toBeLessThanOrEqual(budget.bytesPerSecond * seconds + 1e-6);
      }),
    );
  });
});
