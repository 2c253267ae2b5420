import { refused } from '../refusal.ts';
import { admit } from './admission.ts';
import type { AggregationRefusal, Candidate, Merge } from './candidate.ts';

/** A pure function from a round's updates to one delta. The same candidates in any order give the same bytes. */
export interface Aggregator {
  /** Name and options, e.g. `krum(hostile=1)`. */
  readonly name: string;
  /** Why a round of `n` updates would be refused whatever they hold; lets a run be refused before it starts. */
  requirement(n: number): AggregationRefusal | undefined;
  /** Merges a round; O(n x parameters) unless the rule says otherwise. Does not write to its input. */
  merge(candidates: readonly Candidate[]): Merge | AggregationRefusal;
}

/** What distinguishes one aggregator from another: a file each. */
export interface Rule {
  readonly name: string;
  /** One sentence, if a round of `n >= 1` updates does not meet what the rule requires. */
  requirement(n: number): string | undefined;
  /** Candidates are admitted: at least one, ordered by key, no duplicates, equal lengths, finite, integer weights. */
  apply(candidates: readonly Candidate[]): Merge | AggregationRefusal;
}

/** Puts the checks and the order that every rule relies on in front of it. */
export function aggregator(rule: Rule): Aggregator {
  const requirement = (n: number) => {
    const reason = rule.requirement(n);
    return reason === undefined
      ? undefined
      : refused('REQUIREMENT', reason, { aggregator: rule.name, updates: n });
  };
  return {
    name: rule.name,
    requirement,
    merge(candidates) {
      const admission = admit(candidates);
      if (admission.kind === 'refused') return admission;
      return requirement(candidates.length) ?? rule.apply(admission.candidates);
    },
  };
}
