import { z } from 'zod';

// What is taken from a run for tables and figures: `figures.json` in the folder of a trial. It follows from the run folder alone,
// and holds nothing of the machine that it was measured on, so that the same trial gives the same bytes everywhere.

const number = z.number();
/** A measurement that a run may not have: JSON knows no NaN. */
const measured = number.nullable();

const roundFigures = z.strictObject({
  round: number,
  outcome: z.enum(['released', 'settled', 'void']),
  /** Virtual, since the run was created, when it was over. */
  seconds: number,
  accuracy: measured,
  loss: measured,
  accepted: number,
  refused: number,
  unavailable: number,
  gas: number,
  messageBytes: number,
  blobBytes: number,
  /** Mean over the updates of the lineup, in versions. */
  staleness: measured,
});

/** One actor over the rounds; every list has a place for each round. Amounts in tokens, added up since the start. */
const actorFigures = z.strictObject({
  site: z.string(),
  role: z.enum(['trainer', 'validator']),
  behaviour: z.string(),
  /** What tells it from others of its behaviour, such as the deviation of its noise; 0 for an honest one. */
  strength: number,
  trust: z.array(measured),
  reward: z.array(number),
  penalty: z.array(number),
  /** null: it had no update in the lineup. */
  verdict: z.array(z.enum(['accepted', 'refused', 'unavailable']).nullable()),
  tally: z.array(measured),
});

export const trialFigures = z.strictObject({
  format: z.literal('flobc.figures'),
  version: z.literal(1),
  run: z.string(),
  outcome: z.enum(['finished', 'halted', 'stopped']),
  /** By name; docs/results-of-a-sweep.md says what each is. */
  metrics: z.record(z.string(), measured),
  rounds: z.array(roundFigures),
  actors: z.array(actorFigures),
});

export type RoundFigures = z.output<typeof roundFigures>;
export type ActorFigures = z.output<typeof actorFigures>;
export type TrialFigures = z.output<typeof trialFigures>;
