import type { BapConfig } from '../config.ts';
import { ceilOf } from '../ratio.ts';
import type { Scheme } from './scheme.ts';

/**
 * Barrierless asynchronous parallel: closes as soon as `quorumRatio` of the active Trainers have an unused receipt, for
 * whatever version. Trainers never wait. `maxWaitMs` is there for dead Trainers.
 */
export function bap({ quorumRatio, maxWaitMs, updatesPerRound, staleness }: BapConfig): Scheme {
  return {
    windowMs: maxWaitMs,
    longestMs: maxWaitMs,
    updatesPerRound,
    maxAhead: Infinity,
    startsAgain: true,
    staleness,
    closes: ({ present, expected }) => present > 0 && present >= ceilOf(quorumRatio, expected),
    overdue: () => ({ kind: 'close' }),
  };
}
