import { type Dataset, loadDataset, partition, type PartitionPlan } from '#libs/data';
import { isFault } from '#libs/fault';
import { aggregatorOf, loadModel, openLearner } from '#libs/learning';
import type { SchemeConfig } from '#libs/protocol';
import { generator } from '#libs/random';
import { maxLineChars } from '#libs/wire';
import { compilePolicy } from '../policy/compile.ts';
import type { ActorPlan, RunPlan } from '../run-plan.ts';
import { planJson } from './canonical.ts';
import { placed } from './placed.ts';

/** Something about a plan, at a place of the run file that it came from. */
export interface PlanRemark {
  /** In the words of the run file: `validators.count`. */
  readonly path: string;
  readonly message: string;
}

export interface PlanCheck {
  /** The run cannot be carried out. */
  readonly problems: readonly PlanRemark[];
  /** It can, and something about it is probably not meant. */
  readonly warnings: readonly PlanRemark[];
}

/** Answers that hold for other plans too, by what was asked: a sweep has hundreds of plans on one dataset and one model. */
export type KnownGood = Map<string, Promise<unknown>>;

function once<T>(known: KnownGood, question: readonly unknown[], answer: () => Promise<T>): Promise<T> {
  const key = JSON.stringify(question);
  const found = known.get(key) as Promise<T> | undefined;
  if (found) return found;
  const asked = answer();
  known.set(key, asked);
  return asked;
}

/**
 * Finds before anything starts what would stop a run, or make it worthless: all of it, without leaving anything behind.
 * Reads the dataset, opens the model and compiles the policy, because nothing less would find out.
 */
export async function checkPlan(
  plan: RunPlan,
  folder: string,
  known: KnownGood = new Map(),
): Promise<PlanCheck> {
  const problems: PlanRemark[] = [];
  const warnings: PlanRemark[] = [];
  checkSize(plan, problems);
  checkAggregator(plan, problems, warnings);
  if (plan.coordination === 'flobc') checkVoting(plan, problems, warnings);
  checkHonesty('trainers', 'Trainers', plan.trainers, warnings);
  const places = placed(plan, folder);
  const [train] = await Promise.all([
    attempt('data.dataset', problems, async () => {
      const { train, test } = await once(known, [places.source], () => loadDataset(places.source));
      if (test === undefined)
        problems.push({
          path: 'data.dataset',
          message: `${train.name} has no test set to measure releases on`,
        });
      return train;
    }),
    places.policy !== undefined && plan.coordination === 'flobc'
      ? attempt('policy.name', problems, () =>
          once(known, [places.policy, plan.policy.parameters], () =>
            compilePolicy(places.policy!, plan.policy.parameters),
          ),
        )
      : undefined,
  ]);
  if (!train) return { problems, warnings };
  await attempt('data', problems, () => {
    partition(train, partitionOf(plan), generator(plan.seed).split('partition'));
  });
  checkLabels(plan, train, problems);
  const { loss, backend } = plan.learning;
  const opened = [places.model, loss, backend, train.shape, train.classes];
  await attempt('model', problems, () => once(known, opened, () => openAndClose(plan, places.model, train)));
  return { problems, warnings };
}

/** How a plan's data is dealt out. */
export function partitionOf({ data, trainers, validators }: RunPlan): PartitionPlan {
  return {
    ...data.partition,
    trainers: trainers.length,
    ...(data.samplesPerTrainer === null ? {} : { samplesPerTrainer: data.samplesPerTrainer }),
    validators: validators.length,
    samplesPerValidator: data.samplesPerValidator,
  };
}

/** Does what a run would do; a fault becomes a problem. */
async function attempt<T>(
  path: string,
  problems: PlanRemark[],
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (fault) {
    if (!isFault(fault)) throw fault;
    problems.push({
      path,
      message: `${fault.message}${fault.message.includes('\n') ? '\n' : '. '}${fault.hint}`,
    });
    return undefined;
  }
}

async function openAndClose(plan: RunPlan, name: string, { shape, classes }: Dataset): Promise<void> {
  const { loss, backend } = plan.learning;
  const model = await loadModel(name, { shape, classes, ...(loss === null ? {} : { loss }) });
  const learner = await openLearner({ model, backend, workers: 1 });
  await learner.close();
}

/** A manifest has to be readable again. */
function checkSize(plan: RunPlan, problems: PlanRemark[]): void {
  const chars = JSON.stringify(planJson(plan), null, 2).length;
  const most = Math.floor(0.8 * maxLineChars);
  if (chars > most)
    problems.push({
      path: 'trainers.count',
      message: `the plan takes ${chars} characters in its manifest, which holds ${most}`,
    });
}

function checkVoting(plan: RunPlan, problems: PlanRemark[], warnings: PlanRemark[]): void {
  const { trainers, validators, protocol } = plan;
  if (validators.length === 0)
    problems.push({
      path: 'validators.count',
      message: 'without Validators nobody scores, and no model is ever released',
    });
  const { maxLineup, maxCommittee, sampleSize } = protocol;
  const expected = sampleSize === 0 ? trainers.length : sampleSize;
  if (expected > maxLineup)
    problems.push({
      path: 'trainers.count',
      message: `${expected} Trainers train in each round, and a lineup has at most ${maxLineup}; draw fewer with trainers.sampleSize`,
    });
  if (validators.length > maxCommittee)
    warnings.push({
      path: 'validators.count',
      message: `of ${validators.length} Validators only ${maxCommittee} score in a round`,
    });
  checkHonesty('validators', 'Validators', validators, warnings);
}

/** Nothing holds against a majority of the bond; who simulates one should mean to. */
function checkHonesty(
  path: string,
  noun: string,
  actors: readonly (ActorPlan & { readonly behaviour: { readonly kind: string } })[],
  warnings: PlanRemark[],
): void {
  const bondOf = (isHonest: boolean): bigint =>
    actors
      .filter(({ behaviour }) => (behaviour.kind === 'honest') === isHonest)
      .reduce((sum, { bondWei }) => sum + bondWei, 0n);
  const [honest, hostile] = [bondOf(true), bondOf(false)];
  if (hostile > 0n && hostile >= honest)
    warnings.push({
      path: `${path}.behaviours`,
      message: `${noun} that are not honest have ${shareOf(hostile, honest + hostile)} of the bond`,
    });
}

const shareOf = (part: bigint, whole: bigint): string => `${Number((1000n * part) / whole) / 10} %`;

function checkAggregator(plan: RunPlan, problems: PlanRemark[], warnings: PlanRemark[]): void {
  const { coordination, trainers, protocol, learning } = plan;
  if (coordination === 'pooled' || coordination === 'alone') return;
  const aggregator = aggregatorOf(learning.aggregator);
  const most = Math.min(
    protocol.sampleSize === 0 ? trainers.length : protocol.sampleSize,
    protocol.maxLineup,
  );
  const never = aggregator.requirement(most);
  if (never) {
    problems.push({ path: 'aggregator', message: `${never.reason}, and there are at most that many` });
    return;
  }
  const fewest = fewestUpdates(protocol.scheme, most);
  const sometimes = fewest === undefined ? undefined : aggregator.requirement(fewest);
  if (sometimes) warnings.push({ path: 'aggregator', message: `${sometimes.reason}, as the scheme allows` });
}

/** Updates with which a scheme closes the training phase of its own accord, where those are not all. */
function fewestUpdates(scheme: SchemeConfig, trainers: number): number | undefined {
  switch (scheme.kind) {
    case 'bap':
      return Math.ceil((scheme.quorumRatio.numerator * trainers) / scheme.quorumRatio.denominator);
    case 'buffered':
      return scheme.capacity;
    case 'bsp':
    case 'ssp':
      return undefined;
  }
}

/** Attacks on labels mean nothing without classes. */
function checkLabels({ trainers }: RunPlan, { classes, name }: Dataset, problems: PlanRemark[]): void {
  const onLabels = trainers.findIndex(
    ({ behaviour: { kind } }) => kind === 'labelFlip' || kind === 'backdoor',
  );
  if (classes === 0 && onLabels !== -1)
    problems.push({
      path: 'trainers.behaviours',
      message: `Trainer ${onLabels} attacks labels, and ${name} has no classes`,
    });
  const target = trainers.findIndex(
    ({ behaviour }) => behaviour.kind === 'backdoor' && behaviour.target >= classes,
  );
  if (classes > 0 && target !== -1)
    problems.push({
      path: 'trainers.behaviours',
      message: `Trainer ${target} has a target beyond the ${classes} classes of ${name}`,
    });
}
