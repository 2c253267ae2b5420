import type { DatasetSource } from '#libs/data';
import type { RunPlan } from '#libs/experiment';
import { count } from '../text/figures.ts';

/** What is about to run, in one line. */
export function headingOf(plan: RunPlan): string {
  const { name, coordination, seed, model, data, protocol } = plan;
  const actors = [people('Trainer', plan.trainers)];
  if (plan.validators.length > 0) actors.push(people('Validator', plan.validators));
  const how = coordination === 'flobc' ? protocol.scheme.kind : coordination;
  const what = `${model} on ${sourceText(data.source)}, ${data.partition.kind}`;
  return `${name}: ${actors.join(', ')}; ${count(protocol.maxRounds)} rounds of ${how}; ${what}; seed ${seed}`;
}

interface Behaving {
  readonly behaviour: { readonly kind: string };
}

/** "7 Trainers (noise 1, signFlip 1)" */
function people(role: string, actors: readonly Behaving[]): string {
  const kinds = new Map<string, number>();
  for (const { behaviour } of actors)
    if (behaviour.kind !== 'honest') kinds.set(behaviour.kind, (kinds.get(behaviour.kind) ?? 0) + 1);
  const hostile = [...kinds].map(([kind, n]) => `${kind} ${count(n)}`).join(', ');
  const all = `${count(actors.length)} ${role}${actors.length === 1 ? '' : 's'}`;
  return hostile === '' ? all : `${all} (${hostile})`;
}

const sourceText = (source: DatasetSource): string => (source.kind === 'csv' ? source.path : source.kind);
