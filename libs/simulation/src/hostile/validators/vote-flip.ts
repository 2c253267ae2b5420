import type { ValidatorConduct } from '#libs/node';
import { unavailable } from '#libs/protocol';

/** Measures, and votes the opposite. What is unavailable stays so, and so does the accuracy of the base model. */
export function voteFlip(): ValidatorConduct {
  return {
    scores: (honest, { entries }) => honest.map((score, i) => (i < entries.length ? flipped(score) : score)),
  };
}

/** The range of a score is symmetric but for `unavailable`, and has one zero. */
const flipped = (score: number): number => (score === unavailable ? score : 0 - score);
