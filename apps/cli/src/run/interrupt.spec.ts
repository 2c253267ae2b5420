import { expect, test } from 'vitest';
import { FakeSignals } from './fake-signals.fixture.ts';
import { onInterrupt } from './interrupt.ts';

function listening() {
  const signals = new FakeSignals();
  const called: string[] = [];
  const stop = onInterrupt(signals, {
    first: () => called.push('first'),
    again: () => called.push('again'),
    hide: () => called.push('hide'),
  });
  return { signals, called, stop };
}

test('the first Ctrl-C asks, every further one insists; a SIGTERM is one too', () => {
  const { signals, called } = listening();
  signals.raise('SIGINT');
  signals.raise('SIGTERM');
  signals.raise('SIGINT');
  expect(called).toEqual(['first', 'again', 'again']);
});

test('Ctrl-Z gives the terminal back before the process stands still', () => {
  const { signals, called } = listening();
  signals.raise('SIGTSTP');
  expect(called).toEqual(['hide']);
  expect(signals.suspended).toBe(1);
});

test('the stack of a bug is not lost on a screen that goes away', () => {
  const { signals, called } = listening();
  signals.raise('uncaughtExceptionMonitor');
  expect(called).toEqual(['hide']);
});

test('nobody listens afterwards', () => {
  const { signals, stop } = listening();
  stop();
  expect(signals.listeners).toBe(0);
});
