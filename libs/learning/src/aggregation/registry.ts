import { type Aggregator, aggregator, type Rule } from './aggregator.ts';
import { coordinateMedian } from './coordinate-median.ts';
import type { HostileOptions } from './hostile.ts';
import { krum } from './krum.ts';
import { multiKrum, type MultiKrumOptions } from './multi-krum.ts';
import { normClipping, type NormClippingOptions } from './norm-clipping.ts';
import { trimmedMean } from './trimmed-mean.ts';
import { weightedMean } from './weighted-mean.ts';
import type { WeightOptions } from './weights.ts';

/** An aggregator and its options, as a run configuration writes them. */
export type AggregatorSpec =
  | ({ readonly name: 'weightedMean' } & WeightOptions)
  | { readonly name: 'coordinateMedian' }
  | ({ readonly name: 'trimmedMean' } & HostileOptions)
  | ({ readonly name: 'krum' } & HostileOptions)
  | ({ readonly name: 'multiKrum' } & MultiKrumOptions)
  | ({ readonly name: 'normClipping'; readonly of: AggregatorSpec } & NormClippingOptions);

export type AggregatorName = AggregatorSpec['name'];

type SpecOf<Name extends AggregatorName> = Extract<AggregatorSpec, { name: Name }>;

/** Every aggregator there is. A new one is a file with its rule, a line in {@link AggregatorSpec} and a line here. */
const rules: { readonly [Name in AggregatorName]: (spec: SpecOf<Name>) => Rule } = {
  weightedMean,
  coordinateMedian,
  trimmedMean,
  krum,
  multiKrum,
  normClipping: (spec) => normClipping(spec, ruleOf(spec.of)),
};

export const aggregatorNames = Object.keys(rules) as readonly AggregatorName[];

function ruleOf<Name extends AggregatorName>(spec: SpecOf<Name>): Rule {
  return rules[spec.name](spec);
}

/** The aggregator that a specification names. Options that cannot be used show in its `requirement`. */
export function aggregatorOf(spec: AggregatorSpec): Aggregator {
  return aggregator(ruleOf(spec));
}
