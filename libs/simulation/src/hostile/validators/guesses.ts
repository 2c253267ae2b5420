import type { BallotContext } from '#libs/node';
import type { ActorId } from '#libs/protocol';
import type { Generator } from '#libs/random';

// What ballots that nobody has measured hold: a guess that looks like nothing on earth would be too easy to tell.

/** Scores of honest updates, in basis points, as the guessers that docs/policies.md measures have them. */
export const usual = { mean: 40, deviation: 60 };
/** The accuracy of a model that has learned something, in basis points; where a run scores the base model. */
export const usualAccuracy = 9_000;

/** A ballot of scores made up for one Trainer after the other. */
export function madeUp(
  { entries, scoresBase }: Pick<BallotContext, 'entries' | 'scoresBase'>,
  scoreOf: (trainer: ActorId) => number,
): number[] {
  const scores = entries.map(({ trainer }) => inRange(scoreOf(trainer)));
  return scoresBase ? [...scores, usualAccuracy] : scores;
}

/** What is drawn for one Trainer in one round does not depend on who else is in the lineup. */
export const guess = (random: Generator, round: number, trainer: ActorId): number =>
  usual.mean + usual.deviation * random.split('guess', round, trainer).normal();

/** Whole basis points that are a score; -32768 would say "unavailable". */
const inRange = (score: number): number => Math.max(-32_767, Math.min(32_767, Math.round(score)));
