import { stringify } from 'yaml';

/** Somebody who does not do what it should, and how many of its role do the same. */
export interface Attack {
  readonly role: 'trainer' | 'validator';
  /** The kind of its behaviour, as in a run file. */
  readonly kind: string;
  /** In percent of the role. */
  readonly percent: number;
  /** What its combination is called. */
  readonly label: string;
}

export interface BatteryOptions {
  /** The name of a policy, or the absolute path of a .sol file. */
  readonly policy: string;
  /** Of the sweep and of its folder. */
  readonly name: string;
  readonly seeds: string;
  /** Values of the run file over those of the battery. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

const shares = [10, 20, 30, 40, 50];

const trainers: readonly object[] = [
  { kind: 'noise', std: 0.2 },
  { kind: 'signFlip', factor: 3 },
  { kind: 'labelFlip' },
  { kind: 'backdoor' },
  { kind: 'freeRide' },
  { kind: 'copycat' },
];

const validators: readonly object[] = [
  { kind: 'lazy' },
  { kind: 'voteFlip' },
  { kind: 'copyBallot' },
  { kind: 'collude', friends: [0, 1] },
];

const kindOf = (behaviour: object): string => (behaviour as { kind: string }).kind;

const labelled = (role: Attack['role'], behaviour: object, percent: number): Attack => {
  const kind = kindOf(behaviour);
  return { role, kind, percent, label: `${role} ${kind} ${percent} %` };
};

const across = <T>(behaviours: readonly object[], make: (behaviour: object, percent: number) => T): T[] =>
  behaviours.flatMap((behaviour) => shares.map((percent) => make(behaviour, percent)));

/** What the run without an attack is called. */
export const honestLabel = 'honest';

/** Every attack of the battery, by behaviour and share. */
export const attacks: readonly Attack[] = [
  ...across(trainers, (behaviour, percent) => labelled('trainer', behaviour, percent)),
  ...across(validators, (behaviour, percent) => labelled('validator', behaviour, percent)),
];

/**
 * The text of a sweep file that puts a policy through everything that is known to be tried against one: ten Trainers and ten
 * Validators, nobody hostile, and then a tenth to a half of one role with one behaviour.
 */
export function batteryText({ policy, name, seeds, fixed = {} }: BatteryOptions): string {
  const attack: Record<string, object> = { [honestLabel]: {} };
  for (const [i, behaviour] of across(trainers, (behaviour) => behaviour).entries()) {
    const { label, percent } = attacks[i]!;
    attack[label] = { 'trainers.behaviours.0': { ...behaviour, share: percent / 100 } };
  }
  const before = Object.keys(attack).length - 1;
  for (const [i, behaviour] of across(validators, (behaviour) => behaviour).entries()) {
    const { label, percent, kind } = attacks[before + i]!;
    // Who colludes does so for somebody: two Trainers that deserve none of it.
    const friends = kind === 'collude' ? { 'trainers.behaviours.0': { kind: 'signFlip', at: [0, 1] } } : {};
    attack[label] = { 'validators.behaviours.0': { ...behaviour, share: percent / 100 }, ...friends };
  }
  return stringify({
    name,
    question: 'Does cheating pay under this policy?',
    base: {
      rounds: 10,
      model: 'mlp-200',
      data: { dataset: 'mnist', samplesPerTrainer: 400, samplesPerValidator: 300, testSamples: 2000 },
      training: { optimizer: { kind: 'sgd', learningRate: 0.1 } },
      trainers: { count: 10, behaviours: [] },
      validators: { count: 10, behaviours: [] },
      policy,
    },
    fixed,
    matrix: { attack },
    seeds,
  });
}
