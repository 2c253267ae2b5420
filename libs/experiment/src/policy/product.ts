import { nearest } from '#libs/fault';
import { billion } from '#libs/protocol';
import type { PolicyParameter } from '../run-plan.ts';

/** A constructor's argument of a policy of the product. */
interface Parameter {
  readonly name: string;
  readonly default: (trainers: number) => number | boolean;
  /** Bounds of a whole number; absent: true or false. */
  readonly bounds?: readonly [least: number, most: number];
  readonly says: string;
}

interface ProductPolicy {
  readonly says: string;
  readonly parameters: readonly Parameter[];
  /** The only scoring rule that it can judge by. */
  readonly scoring?: 'accuracy';
}

/** The policies that ship; `product.spec.ts` holds them against the constructors in `contracts/src/policies`. */
export const productPolicies: Readonly<Record<string, ProductPolicy>> = {
  ProportionalPolicy: { says: 'Judges an update by the others of its round; the default.', parameters: [] },
  EmaPolicy: {
    says: 'As ProportionalPolicy, with an average of the tallies as trust.',
    parameters: [
      {
        name: 'alphaBp',
        default: () => 2000,
        bounds: [1, 10_000],
        says: 'share of the newest tally, in basis points',
      },
      {
        name: 'capBp',
        default: () => 300,
        bounds: [1, 32_767],
        says: 'the tally that stands for full trust, in basis points',
      },
    ],
  },
  FlatPolicy: { says: 'Accepts and pays everybody alike: the control.', parameters: [] },
  FlobcPolicy: {
    says: 'That of the original FLoBC; needs scoring: accuracy.',
    scoring: 'accuracy',
    parameters: [
      {
        name: 'decayBp',
        default: () => 0,
        bounds: [0, 10_000],
        says: 'least ratio of the accuracies after and before, in basis points',
      },
      { name: 'resetsAtJoin', default: () => true, says: 'all trusts are equal again when somebody joins' },
      {
        name: 'startTrust',
        default: (trainers) => Math.floor(billion / trainers),
        bounds: [0, billion],
        says: 'trust at the start, in billionths; 1 / trainers.count unless given',
      },
    ],
  },
};

/** True for the path of a contract of the user's own. */
export const isPolicyFile = (name: string): boolean => name.endsWith('.sol');

export interface ParameterProblem {
  readonly parameter: string | undefined;
  readonly message: string;
}

/** The constructor's arguments in its order, from those that are given by name; what is wrong goes to `problem`. */
export function productParameters(
  name: string,
  given: Readonly<Record<string, PolicyParameter>>,
  trainers: number,
  problem: (problem: ParameterProblem) => void,
): PolicyParameter[] {
  const { parameters } = productPolicies[name]!;
  const names = parameters.map((parameter) => parameter.name);
  for (const key of Object.keys(given)) {
    if (names.includes(key)) continue;
    const near = nearest(key, names);
    const known = names.length === 0 ? `${name} has no parameters` : `${name} has ${names.join(', ')}`;
    problem({
      parameter: key,
      message: `unknown key; ${near === undefined ? known : `is ${near} meant?`}`,
    });
  }
  return parameters.map(({ name: key, default: preset, bounds }) => {
    const value = Object.hasOwn(given, key) ? given[key]! : preset(trainers);
    const isRight = bounds
      ? typeof value === 'number' && Number.isInteger(value) && value >= bounds[0] && value <= bounds[1]
      : typeof value === 'boolean';
    const form = bounds ? `a whole number from ${bounds[0]} to ${bounds[1]}` : 'true or false';
    if (!isRight) problem({ parameter: key, message: `expected ${form}, not ${JSON.stringify(value)}` });
    return value;
  });
}
