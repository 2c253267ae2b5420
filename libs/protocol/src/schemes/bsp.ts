import type { BspConfig } from '../config.ts';
import type { Scheme } from './scheme.ts';

/**
 * Bulk synchronous parallel: closes when every active Trainer has a receipt for the current version, or at `periodMs`.
 * A Trainer gives one update for a version. Its late one for an older version counts in the next lineup, unless the one
 * for that round is there too; so two may wait.
 */
export function bsp({ periodMs, staleness }: BspConfig): Scheme {
  return {
    windowMs: periodMs,
    longestMs: periodMs,
    updatesPerRound: 2,
    maxAhead: Infinity,
    startsAgain: false,
    staleness,
    closes: ({ current, expected }) => expected > 0 && current === expected,
    overdue: () => ({ kind: 'close' }),
  };
}
