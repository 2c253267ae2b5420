import { z } from 'zod';
import { duration, positions, probability } from './values.ts';

/** Who behaves so: positions, or how many drawn from the seed. */
export const selector = {
  at: positions.optional().describe('Positions, from 0.'),
  count: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('How many; their positions are drawn from the seed.'),
  share: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe('Share of all, rounded; positions are drawn from the seed.'),
};

const kind = <K extends string, S extends z.core.$ZodShape>(name: K, description: string, shape: S) =>
  z.strictObject({ kind: z.literal(name).describe(description), ...shape, ...selector });

const factor = () => z.number().min(-1e6).max(1e6);

export const trainerBehaviour = z.discriminatedUnion('kind', [
  kind('noise', 'Adds Gaussian noise to its update.', {
    std: z.number().min(0).max(1e6).describe('Standard deviation of the noise, in units of a parameter.'),
  }),
  kind('signFlip', 'Sends its update with the sign turned.', {
    factor: z.number().gt(0).max(1e6).default(1).describe('Times as long as the honest update.'),
  }),
  kind('labelFlip', 'Trains on labels classes - 1 - y.', {}),
  kind('backdoor', "A share of its examples carries a patch in a corner and the target's label.", {
    dose: z.number().gt(0).max(1).default(0.2).describe('Share of its examples.'),
    target: z.int().min(0).max(65_535).default(0).describe('The label that the patch is to get.'),
  }),
  kind('scale', 'Sends its update times a factor.', { factor: factor().default(10).describe('The factor.') }),
  kind('freeRide', 'Trains nothing.', {
    with: z
      .enum(['zeros', 'random', 'last'])
      .default('zeros')
      .describe("What it sends: zeros, noise, or last round's update."),
  }),
  kind('copycat', 'Sends the newest update of somebody else that it can read.', {}),
  kind('straggler', "A training's time is multiplied by 1 plus a draw from an exponential distribution.", {
    mean: z.number().gt(0).max(1e6).default(4).describe('Mean of the draw.'),
  }),
  kind('crash', 'Goes down now and then while it trains.', {
    p: probability().default(0.1).describe('Probability at each training.'),
    down: duration(1).prefault('1 min').describe('For how long.'),
  }),
  kind('badBytes', 'Sends bytes that are no update.', {
    with: z.enum(['nan', 'shape', 'truncated']).default('nan').describe('What is wrong with them.'),
  }),
  kind('withholdKey', 'Keeps the key of its sealed update.', {
    p: probability().default(1).describe('Probability in each round.'),
  }),
]);

export const validatorBehaviour = z.discriminatedUnion('kind', [
  kind('lazy', 'Votes without looking.', {
    with: z.enum(['constant', 'random']).default('constant').describe('What its ballots hold.'),
  }),
  kind('voteFlip', 'Votes the opposite of what it measured.', {}),
  kind('collude', 'Votes up for its friends and down for everybody else.', {
    group: z.string().min(1).max(64).default('ring').describe('All with the same name do the same.'),
    friends: positions.describe('Its friends: positions of Trainers.'),
  }),
  kind('absent', 'Takes no part in a round.', {
    p: probability().default(0.5).describe('Probability in each round.'),
  }),
  kind('neverReveal', 'Commits and does not reveal.', {}),
  kind('copyBallot', 'Tries to commit what somebody else has committed.', {}),
  kind('wrongDigest', 'Signs a model that is not the merge.', {}),
  kind('censor', 'Leaves receipts out of its lineups.', {
    trainers: positions.describe('Whose: positions of Trainers.'),
  }),
]);
