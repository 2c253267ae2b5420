import type { BspConfig } from '../config.ts';
import type { Scheme } from './scheme.ts';

/**
 * Bulk synchronous parallel: closes when every active Trainer has a receipt for the current version, or at `periodMs`.
 * A late receipt for an older version counts in the next lineup but does not stand in for the one of that round.
 */
export function bsp({ periodMs, staleness }: BspConfig): Scheme {
  return {
    windowMs: periodMs,
    longestMs: periodMs,
    updatesPerRound: 1,
    maxAhead: Infinity,
    startsAgain: false,
    takes: 'newest',
    staleness,
    closes: ({ current, expected }) => expected > 0 && current === expected,
    overdue: () => ({ kind: 'close' }),
  };
}
