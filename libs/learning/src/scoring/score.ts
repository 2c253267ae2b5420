import type { Shard } from '#libs/data';
import { Fault } from '#libs/fault';
import { arrange } from '../aggregation/admission.ts';
import { aggregatorOf, type AggregatorSpec, type Candidate } from '../aggregation/index.ts';
import type { Parameters } from '../parameters.ts';
import type { Evaluation } from '../training/evaluate.ts';
import { basisPoints, improvement, scoreLimit } from './basis-points.ts';
import { leaveOneOut, type Normed, type Summing } from './leave-one-out.ts';
import type { Recipe } from './recipe.ts';

/** How an update is scored; see docs/learning.md. */
export type ScoringRule = 'leaveOneOut' | 'standalone' | 'accuracy';

export const scoringRules: readonly ScoringRule[] = ['leaveOneOut', 'standalone', 'accuracy'];

export interface ScoredUpdate {
  /** Unique in the round; the order of the keys is that in which sums are taken. */
  readonly key: string;
  /** Update minus base; a view of a SharedArrayBuffer is not copied. */
  readonly delta: Float32Array;
  /** The Trainer's trust before the round, an integer in billionths. */
  readonly weight: number;
  /** Examples it was trained on, where the aggregator weighs by them; 1 when absent. */
  readonly samples?: number;
  /** Versions between its base and the current one, where the aggregator discounts by them; 0 when absent. */
  readonly staleness?: number;
}

export interface ScoringRequest {
  /** The current released model. */
  readonly base: Parameters;
  /** 1 to 256; their order is that of the scores and of nothing else. */
  readonly updates: readonly ScoredUpdate[];
  /** Used by the rule `leaveOneOut`. */
  readonly aggregator: AggregatorSpec;
  readonly rule: ScoringRule;
  readonly holdOut: Shard;
}

export interface Scored {
  /** Basis points in [-32767, 32767], in the order of the updates. */
  readonly scores: readonly number[];
  /** Under the rule `accuracy`, the base's accuracy in basis points: what a ballot carries as its last entry. */
  readonly baseScore: number | null;
  /** Of the base. */
  readonly base: Evaluation;
  /** Of the base plus the merge of all updates, under the rule `leaveOneOut` where any can be merged. */
  readonly merged: Evaluation | null;
}

/** What scoring has done by the worker threads. */
export interface ScoringWork {
  /** Euclidean norms, each finite exactly where all values are. */
  readonly norms: (deltas: readonly Float32Array[]) => Promise<readonly number[]>;
  readonly sum: Summing;
  readonly evaluate: (recipes: readonly Recipe[]) => Promise<readonly Evaluation[]>;
}

const most = 256;

/** Scores a request whose deltas have the base's length. @throws Fault `OPTION_INVALID` */
export async function scoreUpdates(request: ScoringRequest, work: ScoringWork): Promise<Scored> {
  const { updates, rule } = request;
  const ordered = candidatesOf(request);
  const norms = await work.norms(ordered.map(({ delta }) => delta));
  const usable = ordered
    .map((candidate, i) => ({ candidate, norm: norms[i]! }))
    .filter(({ norm }) => Number.isFinite(norm));
  const { byKey, ...rest } =
    rule === 'leaveOneOut'
      ? await scoreByLeavingOut(request, usable, work)
      : await scoreAlone(request, usable, work);
  return { scores: updates.map(({ key }) => byKey.get(key) ?? -scoreLimit), ...rest };
}

/** A key without a score has the least one. */
type ByKey = Omit<Scored, 'scores'> & { readonly byKey: ReadonlyMap<string, number> };

/** With such an update the merge's loss is a tenth higher than without: it hides what all others do. */
const breaking = -1_000;
/** What some updates do together is harm where without them the loss would be a tenth lower, however little each of them changes... */
const jointHarm = -breaking;
/** ...or lower by this share of ln(classes), the loss of a guess: on a first plateau no step is a tenth of the loss. */
const jointHarmOfGuess = 0.01;
/** What these score at most: refused where scores lie close together, and not punished, since one of them may be harmless. */
const jointBlame = -200;

async function scoreByLeavingOut(
  request: ScoringRequest,
  updates: readonly Normed[],
  work: ScoringWork,
): Promise<ByKey> {
  const {
    base: { values },
    aggregator,
  } = request;
  const [base, ...first] = await evaluateLeavingOut(values, updates, aggregator, work, true);
  let used = updates;
  let evaluations: readonly Evaluation[] = first;
  if (evaluations.some(({ loss }) => !Number.isFinite(loss))) {
    // Otherwise one update that breaks every merge it is in would cost all others their scores.
    used = await survivors(values, updates, work);
    if (used.length < updates.length)
      evaluations = await evaluateLeavingOut(values, used, aggregator, work, false);
  }
  const merged = evaluations[0] ?? null;
  const byKey = new Map<string, number>();
  for (;;) {
    const scores = scoresOf(evaluations);
    for (const [i, { candidate }] of used.entries()) byKey.set(candidate.actor, scores[i]!);
    const worst = Math.min(...scores);
    const others = used.filter((_, i) => scores[i]! > worst);
    if (worst > breaking || others.length === 0) break;
    used = others;
    evaluations = await evaluateLeavingOut(values, used, aggregator, work, false);
  }
  for (const { candidate } of await harmfulTogether(request, used, { base: base!, evaluations }, work))
    byKey.set(candidate.actor, Math.min(byKey.get(candidate.actor)!, jointBlame));
  return { byKey, baseScore: null, base: base!, merged };
}

/**
 * Those without whom a merge that is no better than the base would be much better. Where many pull back as hard as the others
 * pull forward, nothing moves, and leaving out one of them changes hardly anything (ADR 88).
 */
async function harmfulTogether(
  { base: { values }, aggregator, holdOut }: ScoringRequest,
  updates: readonly Normed[],
  { base, evaluations }: { readonly base: Evaluation; readonly evaluations: readonly Evaluation[] },
  { sum, evaluate }: ScoringWork,
): Promise<readonly Normed[]> {
  const merged = evaluations[0];
  if (merged === undefined || merged.loss < base.loss) return [];
  const scores = scoresOf(evaluations);
  const helpful = updates.filter((_, i) => scores[i]! > 0);
  if (helpful.length === 0 || helpful.length === updates.length) return [];
  const { all } = await leaveOneOut(values, helpful, aggregator, sum);
  const [without] = await evaluate([all]);
  const { classes } = holdOut.dataset;
  const much =
    improvement(merged.loss, without!.loss) >= jointHarm ||
    (classes > 1 && merged.loss - without!.loss >= jointHarmOfGuess * Math.log(classes));
  return much ? updates.filter((_, i) => scores[i]! < 0) : [];
}

/** Of the merge of all, then of all but each: what each changes. */
const scoresOf = ([merged, ...without]: readonly Evaluation[]): readonly number[] =>
  without.map(({ loss }) => improvement(loss, merged!.loss));

/** Of the base if asked for, of the merge of all, and of all but each; nothing more where there is no update. */
async function evaluateLeavingOut(
  base: Float32Array,
  updates: readonly Normed[],
  aggregator: AggregatorSpec,
  { sum, evaluate }: ScoringWork,
  withBase: boolean,
): Promise<readonly Evaluation[]> {
  const first: Recipe[] = withBase ? [{ kind: 'values', values: base }] : [];
  if (updates.length === 0) return evaluate(first);
  const { all, without } = await leaveOneOut(base, updates, aggregator, sum);
  return evaluate([...first, all, ...without]);
}

/** The updates with which, alone on the base, the loss is finite. */
async function survivors(
  base: Float32Array,
  updates: readonly Normed[],
  { evaluate }: ScoringWork,
): Promise<readonly Normed[]> {
  const alone = await evaluate(updates.map(({ candidate: { delta } }) => ({ kind: 'plus', base, delta })));
  return updates.filter((_, i) => Number.isFinite(alone[i]!.loss));
}

async function scoreAlone(
  { base: { values }, rule, holdOut }: ScoringRequest,
  updates: readonly Normed[],
  { evaluate }: ScoringWork,
): Promise<ByKey> {
  if (rule === 'accuracy' && holdOut.dataset.classes === 0) throw withoutClasses(holdOut);
  const plus = updates.map(({ candidate: { delta } }): Recipe => ({ kind: 'plus', base: values, delta }));
  const [base, ...alone] = await evaluate([{ kind: 'values', values }, ...plus]);
  const baseScore = rule === 'accuracy' ? basisPoints(base!.accuracy!) : null;
  const scoreOf = ({ loss, accuracy }: Evaluation) => {
    if (baseScore === null) return improvement(base!.loss, loss);
    return Number.isFinite(loss) ? basisPoints(accuracy!) - baseScore : -scoreLimit;
  };
  const byKey = new Map(updates.map(({ candidate }, i) => [candidate.actor, scoreOf(alone[i]!)]));
  return { byKey, baseScore, base: base!, merged: null };
}

/** The updates as candidates of a merge, in order of their keys. */
function candidatesOf({ updates, aggregator, rule }: ScoringRequest): readonly Candidate[] {
  if (updates.length < 1 || updates.length > most) {
    throw invalid(`${updates.length} updates cannot be scored`, `Give 1 to ${most} of them.`);
  }
  // What is refused for a round of any size is the options, not the round.
  const refusal = aggregatorOf(aggregator).requirement(Number.MAX_SAFE_INTEGER);
  if (rule === 'leaveOneOut' && refusal) throw invalid(refusal.reason, 'See docs/aggregators.md.');
  const candidates = updates.map(({ key, delta, weight, samples = 1, staleness = 0 }) => ({
    actor: key,
    sequence: 0,
    delta,
    trust: weight,
    samples,
    staleness,
  }));
  const arranged = arrange(candidates);
  if (arranged.kind === 'refused')
    throw invalid(arranged.reason, 'Check the updates before they are scored.');
  return arranged.candidates;
}

function invalid(problem: string, hint: string): Fault {
  return new Fault('OPTION_INVALID', `scoring: ${problem}`, { hint });
}

function withoutClasses({ dataset }: Shard): Fault {
  return invalid(
    `the rule "accuracy" needs classes, and ${dataset.name} has real targets`,
    'Score by loss: leaveOneOut or standalone.',
  );
}
