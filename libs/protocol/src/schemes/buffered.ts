import type { BufferedConfig } from '../config.ts';
import type { Scheme } from './scheme.ts';

/**
 * Buffered asynchronous: closes when K Trainers have an unused receipt, whoever they are. Of each its newest counts, so the
 * buffer is one of Trainers and not, as in FedBuff, of updates.
 */
export function buffered({ capacity, maxWaitMs, updatesPerRound, staleness }: BufferedConfig): Scheme {
  return {
    windowMs: maxWaitMs,
    longestMs: maxWaitMs,
    updatesPerRound,
    maxAhead: Infinity,
    startsAgain: true,
    staleness,
    closes: ({ ready }) => ready >= capacity,
    overdue: () => ({ kind: 'close' }),
  };
}
