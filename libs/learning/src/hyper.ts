import { z } from 'zod';
import { Fault } from '#libs/fault';
import { optimizerConfig } from './optimizers/index.ts';

/** How a Trainer trains. Every number can differ from round to round without a new graph. */
export const hyperSchema = z.strictObject({
  /** Passes over the shard. */
  epochs: z.int().positive().default(1),
  batchSize: z.int().positive().default(32),
  /** Stops each epoch after this many batches; the shard is shuffled anew for the next. */
  maxBatches: z.int().positive().optional(),
  optimizer: optimizerConfig.default({ kind: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false }),
  /** L2: adds weightDecay x w to the gradient. */
  weightDecay: z.number().min(0).default(0),
  /** Scales the gradient of all tensors together down to at most this norm. */
  clipNorm: z.number().positive().optional(),
  /** FedProx (Li et al. 2020): adds proximal x (w - w at the start) to the gradient. */
  proximal: z.number().min(0).default(0),
});

export type Hyper = z.infer<typeof hyperSchema>;
export type HyperInput = z.input<typeof hyperSchema>;

/** Fills in the defaults; lists everything that is wrong at once. */
export function parseHyper(input: HyperInput): Hyper {
  const parsed = hyperSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'hyper-parameters'}: ${message}`,
  );
  throw new Fault('OPTION_INVALID', `hyper-parameters: ${problems.join('; ')}`, {
    facts: { problems },
    hint: 'See docs/learning.md for every hyper-parameter, its unit and its default.',
  });
}
