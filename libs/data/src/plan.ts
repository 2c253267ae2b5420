import { Fault, nearest } from '#libs/fault';
import type { Dataset } from './dataset.ts';

/** How many shards and hold-outs, and how many examples in each. */
interface Shares {
  readonly trainers: number;
  /** Absent: everything that the hold-outs leave is dealt out, so that sizes depend on the number of actors. */
  readonly samplesPerTrainer?: number;
  readonly validators: number;
  /** Hold-outs are drawn over all classes, whatever the kind. */
  readonly samplesPerValidator: number;
}

interface Iid {
  readonly kind: 'iid';
  readonly parameters?: Readonly<Record<string, never>>;
}

/** Trainer t has the labels of range t modulo the number of ranges; both ends belong to a range. */
interface DigitRanges {
  readonly kind: 'digitRanges';
  /** Absent: 0-3, 4-6 and 7-9, as in FLoBC. */
  readonly parameters?: { readonly ranges?: readonly (readonly [from: number, to: number])[] };
}

/** Every Trainer has k labels, and every label about as many Trainers as any other (after McMahan et al. 2017). */
interface LabelsPerTrainer {
  readonly kind: 'labelsPerTrainer';
  readonly parameters: { readonly k: number };
}

/** Every Trainer's labels follow a draw from a symmetric Dirichlet distribution (Hsu, Qi, Brown 2019). */
interface Dirichlet {
  readonly kind: 'dirichlet';
  /** Towards 0: one label a Trainer; towards infinity: all labels alike. */
  readonly parameters: { readonly alpha: number };
}

/** Labels alike, sizes not: densities fall with x^-(1 + exponent) between a smallest size and `ratio` times it. */
interface PowerLaw {
  readonly kind: 'powerLaw';
  /** Absent: exponent 1, ratio 100. `samplesPerTrainer` is then the mean of the sizes, not each of them. */
  readonly parameters?: { readonly exponent?: number; readonly ratio?: number };
}

export type PartitionPlan = Shares & (Iid | DigitRanges | LabelsPerTrainer | Dirichlet | PowerLaw);
export type PartitionKind = PartitionPlan['kind'];

export const partitionKinds = [
  'iid',
  'digitRanges',
  'labelsPerTrainer',
  'dirichlet',
  'powerLaw',
] as const satisfies readonly PartitionKind[];

/** The plan cannot be met; the message says the numbers. */
export function impossible(message: string, facts: Record<string, unknown>, hint: string): Fault {
  return new Fault('PARTITION_IMPOSSIBLE', message, { facts, hint });
}

/**
 * Refuses what no seed could meet.
 *
 * @throws Fault `OPTION_INVALID` for a number that means nothing, `PARTITION_IMPOSSIBLE` for too many examples
 */
export function checkPlan(dataset: Dataset, plan: PartitionPlan): void {
  const { trainers, samplesPerTrainer, validators, samplesPerValidator } = plan;
  checkCount('trainers', trainers, 1);
  checkCount('validators', validators, 0);
  if (validators > 0) checkCount('samplesPerValidator', samplesPerValidator, 1);
  if (samplesPerTrainer !== undefined) checkCount('samplesPerTrainer', samplesPerTrainer, 1);
  checkKind(plan.kind);
  checkParameters(dataset, plan);
  const each = samplesPerTrainer ?? 1;
  const asked = trainers * each + validators * samplesPerValidator;
  if (asked > dataset.size)
    throw impossible(
      `${trainers} Trainers with ${samplesPerTrainer ?? 'at least 1'} and ${validators} Validators with ${samplesPerValidator} ` +
        `examples need ${asked}, and ${dataset.name} has ${dataset.size}.`,
      { asked, available: dataset.size },
      'Use fewer actors or fewer examples for each.',
    );
}

function checkKind(kind: string): void {
  if ((partitionKinds as readonly string[]).includes(kind)) return;
  const near = nearest(kind, partitionKinds);
  throw new Fault('OPTION_INVALID', `There is no partition ${JSON.stringify(kind)}.`, {
    facts: { kind, known: partitionKinds },
    hint: near === undefined ? `Known are ${partitionKinds.join(', ')}.` : `Is ${near} meant?`,
  });
}

function checkParameters({ name, classes }: Dataset, plan: PartitionPlan): void {
  if (plan.kind !== 'iid' && plan.kind !== 'powerLaw' && classes === 0)
    throw impossible(
      `The partition ${plan.kind} deals by label, and ${name} is a regression without classes.`,
      { kind: plan.kind, dataset: name },
      'Use iid or powerLaw.',
    );
  switch (plan.kind) {
    case 'iid':
      return;
    case 'digitRanges':
      for (const [from, to] of plan.parameters?.ranges ?? []) {
        checkCount('ranges', from, 0, to);
        checkCount('ranges', to, from, classes - 1);
      }
      if (plan.parameters?.ranges ? plan.parameters.ranges.length === 0 : classes !== 10)
        throw new Fault(
          'OPTION_INVALID',
          `The partition digitRanges needs ranges for the ${classes} classes of ${name}.`,
          {
            facts: { classes },
            hint: 'Give parameters.ranges, such as [[0, 3], [4, 6], [7, 9]].',
          },
        );
      return;
    case 'labelsPerTrainer':
      checkCount('k', plan.parameters.k, 1, classes);
      return;
    case 'dirichlet':
      checkNumber('alpha', plan.parameters.alpha, 1e-6, 1e6);
      return;
    case 'powerLaw':
      checkNumber('exponent', plan.parameters?.exponent ?? 1, 0.01, 100);
      checkNumber('ratio', plan.parameters?.ratio ?? 100, 1, 1e6);
      return;
  }
}

function checkCount(option: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw invalid(option, value, `a whole number ${range}`);
}

/** Bounds beyond which a distribution is the same as at the bound, or its arithmetic no longer exact. */
function checkNumber(option: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw invalid(option, value, `a number from ${least} to ${most}`);
}

function invalid(option: string, value: number, wanted: string): Fault {
  return new Fault('OPTION_INVALID', `The partition's ${option} is ${value}, not ${wanted}.`, {
    facts: { option, value },
    hint: `Give ${wanted}.`,
  });
}
