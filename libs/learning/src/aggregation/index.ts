export type { Aggregator } from './aggregator.ts';
export {
  type AggregationCode,
  type AggregationRefusal,
  type Candidate,
  type Merge,
  type UpdateId,
  weightScale,
} from './candidate.ts';
export { type AggregatorName, aggregatorNames, aggregatorOf, type AggregatorSpec } from './registry.ts';
export { stalenessDiscounts, type Weighting, type WeightOptions } from './weights.ts';
