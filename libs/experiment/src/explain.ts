import {
  alternativesOf,
  childOf,
  fieldsOf,
  isMapping,
  opened,
  type Origin,
  type Path,
  pathText,
  placeOf,
  type Schema,
} from '#libs/settings';
import { configurationDigest } from './plan/canonical.ts';
import { productPolicies } from './policy/product.ts';
import { presets } from './presets/index.ts';
import type { LoadedRunFile } from './run-file/load.ts';
import { runFile } from './run-file/schema.ts';
import { formatTokens, formatValue } from './run-file/values.ts';
import type { ActorPlan, RunPlan } from './run-plan.ts';

/** A value of a run and where it came from. */
export interface ExplainedValue {
  /** In the words of the run file: `training.batchSize`. */
  readonly path: string;
  /** How deep it is in the file, from 0. */
  readonly depth: number;
  /** The last step of the path. */
  readonly key: string;
  /** As a run file writes it; empty for a mapping whose values follow. */
  readonly value: string;
  readonly origin: Origin;
  /** The origin in words: `quickstart.yaml:7`, `preset fedavg: nobody votes`, `default`, `--set a=b`. */
  readonly source: string;
}

/** Actors of one role that are alike. */
export interface ExplainedActors {
  readonly role: 'trainer' | 'validator';
  readonly positions: readonly number[];
  /** `noise (std 0.1), speed 0.2` */
  readonly says: string;
}

export interface Explanation {
  readonly name: string;
  /** Of the configuration: the run's name on chain. */
  readonly digest: string;
  /** One sentence: who, how, on what. */
  readonly summary: string;
  readonly values: readonly ExplainedValue[];
  readonly actors: readonly ExplainedActors[];
}

/** Everything that a run file resolves to, in the order of the schema. */
export function explainPlan({ plan, provenance }: LoadedRunFile): Explanation {
  const { settings, origins } = provenance;
  const values: ExplainedValue[] = [];
  const say = (path: Path, value: string, origin: Origin): void => {
    values.push({
      path: pathText(path),
      depth: path.length - 1,
      key: String(path.at(-1)),
      value,
      origin,
      source: sourceOf(origin),
    });
  };
  const visit = (schema: Schema, value: unknown, path: Path): void => {
    const text = pathText(path);
    const { unit, derived } = opened(schema).meta;
    const origin =
      origins.get(text) ??
      (derived === undefined ? { kind: 'default' as const } : { kind: 'derived' as const, from: derived });
    const shown = text === 'policy.parameters' || value === undefined ? workedOut(plan, text) : '';
    if (shown === undefined) return;
    const tag = alternativesOf(schema)?.key;
    const fields = unit === undefined && isMapping(value) ? fieldsOf(schema, value) : undefined;
    if (!fields) {
      say(path, shown === '' ? textOf(schema, value) : shown, origin);
      return;
    }
    const mapping = value as Record<string, unknown>;
    say(
      path,
      tag === undefined ? '' : String(mapping[tag]),
      tag === undefined ? origin : (origins.get(`${text}.${tag}`) ?? origin),
    );
    for (const [key, field] of Object.entries(fields))
      if (key !== tag) visit(field, mapping[key], [...path, key]);
  };
  for (const [key, schema] of Object.entries(runFile.shape))
    visit(schema, (settings as Record<string, unknown>)[key], [key]);
  return {
    name: plan.name,
    digest: configurationDigest(plan),
    summary: summaryOf(plan),
    values,
    actors: [...alike('trainer', plan.trainers), ...alike('validator', plan.validators)],
  };
}

/** A value as one line of a run file. */
function textOf(schema: Schema | undefined, value: unknown): string {
  const unit = schema && opened(schema).meta.unit;
  if (unit === undefined && Array.isArray(value))
    return `[${value.map((item: unknown, i) => textOf(schema && childOf(schema, value, i), item)).join(', ')}]`;
  if (unit === undefined && isMapping(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    const texts = fields.map(
      ([key, field]) => `${key}: ${textOf(schema && childOf(schema, value, key), field)}`,
    );
    return `{ ${texts.join(', ')} }`;
  }
  return formatValue(value, unit);
}

/** Values that follow from others, where the file does not give them. */
function workedOut({ economy, protocol, policy }: RunPlan, path: string): string | undefined {
  switch (path) {
    case 'policy.parameters':
      return parametersOf(policy);
    case 'economy.budget':
      return formatTokens(economy.budgetWei);
    case 'trainers.bond':
      return formatTokens(economy.trainerBondWei);
    case 'validators.bond':
      return formatTokens(economy.validatorBondWei);
    case 'limits.minTrainers':
      return String(protocol.minTrainers);
    case 'limits.minValidators':
      return String(protocol.minValidators);
    default:
      return undefined;
  }
}

/** The constructor's arguments with their names, those that the file leaves to their defaults too. */
function parametersOf(policy: RunPlan['policy']): string | undefined {
  const { parameters } = policy;
  if (parameters.length === 0) return undefined;
  if (policy.kind === 'file') return textOf(undefined, parameters);
  const named = productPolicies[policy.name]!.parameters.map(({ name }, i) => [name, parameters[i]]);
  return textOf(undefined, Object.fromEntries(named));
}

function sourceOf(origin: Origin): string {
  switch (origin.kind) {
    case 'derived':
      return `default: ${origin.from}`;
    case 'preset':
      return origin.why === '' ? placeOf(origin) : `${placeOf(origin)}: ${origin.why}`;
    case 'file':
      return `${origin.file}:${origin.value.line}`;
    case 'override':
    case 'environment':
    case 'default':
      return placeOf(origin);
  }
}

/** Actors that are alike in all that a plan says of them, by their first position. */
function alike(
  role: ExplainedActors['role'],
  actors: readonly (ActorPlan & { readonly behaviour: { readonly kind: string } })[],
): ExplainedActors[] {
  const groups = new Map<string, number[]>();
  for (const [position, { behaviour, speed, bondWei, joinsAtRound }] of actors.entries()) {
    const { kind, ...rest } = behaviour;
    const details = Object.entries(rest).map(([key, value]) => `${key} ${textOf(undefined, value)}`);
    const says = [
      details.length === 0 ? kind : `${kind} (${details.join(', ')})`,
      ...(speed === 1 ? [] : [`speed ${speed}`]),
      `bond ${formatTokens(bondWei)}`,
      ...(joinsAtRound === 0 ? [] : [`joins at round ${joinsAtRound}`]),
    ].join(', ');
    groups.set(says, [...(groups.get(says) ?? []), position]);
  }
  return [...groups].map(([says, positions]) => ({ role, positions, says }));
}

function summaryOf(plan: RunPlan): string {
  const { trainers, validators, protocol, policy, coordination, model, data } = plan;
  const on = `${model} on ${data.source.kind}, ${protocol.maxRounds} rounds`;
  const hostile = counted(trainers);
  const who = `${trainers.length} Trainers${hostile}`;
  if (coordination !== 'flobc') return `${presets[coordination].says} ${who}, ${on}`;
  const name = policy.kind === 'product' ? policy.name : policy.path;
  return `${who}, ${validators.length} Validators${counted(validators)}, ${protocol.scheme.kind}, ${name}; ${on}`;
}

function counted(actors: readonly { readonly behaviour: { readonly kind: string } }[]): string {
  const counts = new Map<string, number>();
  for (const { behaviour } of actors)
    if (behaviour.kind !== 'honest') counts.set(behaviour.kind, (counts.get(behaviour.kind) ?? 0) + 1);
  return counts.size === 0 ? '' : ` (${[...counts].map(([kind, n]) => `${n} ${kind}`).join(', ')})`;
}
