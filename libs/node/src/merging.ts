import { addDelta, aggregatorOf, type AggregatorSpec, type Candidate, type Parameters } from '#libs/learning';
import { type ActorId, billion } from '#libs/protocol';

/** An accepted update on its way into the model. */
export interface MergedUpdate {
  readonly trainer: ActorId;
  readonly sequence: number;
  readonly delta: Float32Array;
  readonly samples: number;
  /** The policy's weight, and what staleness leaves of it; both in billionths. */
  readonly weight: number;
  readonly stale: number;
}

/**
 * The model that a round releases: the base plus the merge of its accepted updates, shortened by what staleness takes of
 * their weights. A merge divides by the sum of its weights, so that among equally stale updates staleness alone would
 * change nothing; but each of them is a step away from a model that is no longer there, and full steps with a delay
 * swing. FedBuff's K^-1 sum S(s) delta (Nguyen et al. 2022) is the same for equal weights. Deterministic to the bit.
 */
export function mergeUpdates(
  base: Parameters,
  aggregator: AggregatorSpec,
  updates: readonly MergedUpdate[],
): Parameters {
  const merge = aggregatorOf(aggregator).merge(
    updates.map((update): Candidate => {
      const { trainer: actor, sequence, delta, samples } = update;
      return { actor, sequence, delta, samples, trust: weightOf(update), staleness: 0 };
    }),
  );
  // Nothing to merge, or not enough: the model stays as it is, and is released as such.
  if (merge.kind === 'refused') return base;
  const whole = updates.reduce((sum, { weight }) => sum + weight, 0);
  const left = updates.reduce((sum, update) => sum + weightOf(update), 0);
  return addDelta(base, left === whole ? merge.delta : merge.delta.map((value) => (value * left) / whole));
}

/** As the protocol has it in a merge's entries: rounded down. */
const weightOf = ({ weight, stale }: MergedUpdate): number =>
  Number((BigInt(weight) * BigInt(stale)) / BigInt(billion));
