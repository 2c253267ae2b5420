import type { BufferedConfig } from '../config.ts';
import type { Scheme } from './scheme.ts';

/** Buffered asynchronous: closes at K unused receipts, whoever sent them; each of them counts. */
export function buffered({ capacity, maxWaitMs, updatesPerRound, staleness }: BufferedConfig): Scheme {
  return {
    windowMs: maxWaitMs,
    longestMs: maxWaitMs,
    updatesPerRound,
    maxAhead: Infinity,
    startsAgain: true,
    takes: 'all',
    staleness,
    closes: ({ unused }) => unused >= capacity,
    overdue: () => ({ kind: 'close' }),
  };
}
