import { indexOfNotFinite } from '../finite.ts';
import { quoted, refused } from '../refusal.ts';
import { type AggregationRefusal, type Candidate, weightScale } from './candidate.ts';

interface Admitted {
  readonly kind: 'admitted';
  readonly candidates: readonly Candidate[];
}

/**
 * Orders candidates by (actor, sequence), so that sums are taken in one order on every machine, and refuses a round in
 * which a candidate cannot be merged. Actors compare by UTF-16 code units: `localeCompare` depends on the machine.
 */
export function admit(candidates: readonly Candidate[]): Admitted | AggregationRefusal {
  const arranged = arrange(candidates);
  if (arranged.kind === 'refused') return arranged;
  for (const candidate of arranged.candidates) {
    const problem = notFinite(candidate);
    if (problem) return problem;
  }
  return arranged;
}

/** What {@link admit} does without looking at values: for those who have read them already. */
export function arrange(candidates: readonly Candidate[]): Admitted | AggregationRefusal {
  const ordered = candidates.toSorted(byKey);
  const first = ordered[0];
  if (!first) return refused('NO_UPDATES', 'there is no update to merge');
  for (const [i, candidate] of ordered.entries()) {
    const problem =
      invalidWeight(candidate) ?? duplicate(candidate, ordered[i - 1]) ?? differentLength(candidate, first);
    if (problem) return problem;
  }
  return { kind: 'admitted', candidates: ordered };
}

function byKey(a: Candidate, b: Candidate): number {
  if (a.actor !== b.actor) return a.actor < b.actor ? -1 : 1;
  return a.sequence - b.sequence;
}

const integerFields = {
  sequence: Number.MAX_SAFE_INTEGER,
  samples: Number.MAX_SAFE_INTEGER,
  trust: weightScale,
  staleness: Number.MAX_SAFE_INTEGER,
} as const;

function invalidWeight(candidate: Candidate): AggregationRefusal | undefined {
  for (const [field, max] of Object.entries(integerFields) as [keyof typeof integerFields, number][]) {
    const value = candidate[field];
    if (Number.isSafeInteger(value) && value >= 0 && value <= max) continue;
    return refused(
      'WEIGHT_INVALID',
      `${field} of ${nameOf(candidate)} is ${value}, not an integer from 0 to ${max}`,
      {
        ...key(candidate),
        field,
        value,
      },
    );
  }
  return undefined;
}

function duplicate(candidate: Candidate, previous: Candidate | undefined): AggregationRefusal | undefined {
  if (!previous || byKey(previous, candidate) !== 0) return undefined;
  return refused('DUPLICATE_UPDATE', `${nameOf(candidate)} is there twice`, key(candidate));
}

function differentLength(candidate: Candidate, first: Candidate): AggregationRefusal | undefined {
  const { length } = candidate.delta;
  if (length === first.delta.length) return undefined;
  return refused(
    'LENGTH_DIFFERS',
    `${nameOf(candidate)} has ${length} parameters, ${nameOf(first)} has ${first.delta.length}`,
    { ...key(candidate), length, expected: first.delta.length },
  );
}

function notFinite(candidate: Candidate): AggregationRefusal | undefined {
  const parameter = indexOfNotFinite(candidate.delta);
  if (parameter === -1) return undefined;
  return refused(
    'NOT_FINITE',
    `${nameOf(candidate)} holds a value that is not finite at parameter ${parameter}`,
    {
      ...key(candidate),
      parameter,
      value: String(candidate.delta[parameter]),
    },
  );
}

const key = ({ actor, sequence }: Candidate) => ({ actor, sequence });

const nameOf = ({ actor, sequence }: Candidate) => `update ${sequence} of ${quoted(actor)}`;
