import type { SspConfig } from '../config.ts';
import type { Scheme } from './scheme.ts';

/**
 * Stale synchronous parallel: closes at `periodMs`; if some are missing then, it is extended once, by the period times
 * the share missing, and closes as soon as they are there.
 */
export function ssp({ periodMs, updatesPerRound, maxStaleness, staleness }: SspConfig): Scheme {
  return {
    windowMs: periodMs,
    longestMs: 2 * periodMs,
    updatesPerRound,
    maxAhead: maxStaleness,
    startsAgain: true,
    staleness,
    closes: ({ present, expected }, extended) => extended && present === expected,
    overdue: ({ present, expected }, extended) => {
      const missing = expected - present;
      // In bigint: a year in ms times a million Trainers is beyond the safe integers.
      const byMs = missing === 0 ? 0 : Number((BigInt(periodMs) * BigInt(missing)) / BigInt(expected));
      return extended || byMs === 0 ? { kind: 'close' } : { kind: 'extend', byMs };
    },
  };
}
