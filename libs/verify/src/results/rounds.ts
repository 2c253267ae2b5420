import type { RoundRecord } from '#libs/experiment';
import { DifferenceFound, differs, lineOf, requireSame } from '../difference.ts';
import type { GasMeter } from './gas.ts';
import type { RoundFacts } from './round-facts.ts';

const file = 'rounds.jsonl';

/** rounds.jsonl as far as it follows from the events: not what was measured, by a clock or on the test set. */
export function checkRounds(
  records: readonly RoundRecord[],
  facts: readonly RoundFacts[],
  gas: GasMeter,
  isWhole: boolean,
): void {
  for (const [i, record] of records.entries()) {
    const place = { ...lineOf(file, i + 1), round: record.round };
    const fact = facts[i];
    if (fact === undefined) throw differs(place, 'is a round that did not end');
    const { round, outcome, fromMs, toMs, verdicts } = fact;
    const found = { round: record.round, outcome: record.outcome, fromMs: record.fromMs, toMs: record.toMs };
    const expected = { round, outcome, fromMs, toMs, verdicts };
    requireSame(place, 'is not the round of the events', expected, { ...found, verdicts: record.verdicts });
    requireGas(place, record, fact, gas);
    requireCounted(place, record, records[0]!);
  }
  const missing = facts[records.length];
  if (isWhole && missing !== undefined) throw differs({ file, round: missing.round }, 'is not there');
}

function requireGas(
  place: ReturnType<typeof lineOf>,
  { gasUsed }: RoundRecord,
  { openedAt, endedAt }: RoundFacts,
  gas: GasMeter,
): void {
  if (gas.canBe(gasUsed, openedAt, endedAt)) return;
  const problem = 'has other gas than its transactions';
  const expected = gas.between(openedAt, endedAt);
  throw new DifferenceFound({ ...place, problem, field: 'gasUsed', expected, found: gasUsed });
}

/** The test set is the same in every round, whatever a model makes of it. */
function requireCounted(
  place: ReturnType<typeof lineOf>,
  { test }: RoundRecord,
  { test: first }: RoundRecord,
): void {
  if (test?.predicted === undefined || first?.predicted === undefined) return;
  const expected = sum(first.predicted);
  if (sum(test.predicted) !== expected)
    throw differs(place, `was tested on ${sum(test.predicted)} examples, and the first round on ${expected}`);
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
