import { Fault } from '#libs/fault';
import { placeOf } from '#libs/settings';
import type { LoadedRunFile } from '../run-file/load.ts';
import type { PlanCheck, PlanRemark } from './check.ts';

/** A remark with the place that it is about: `run.yaml:7:3  validators.count: without Validators nobody scores`. */
export function remarkLine({ provenance }: LoadedRunFile, { path, message }: PlanRemark): string {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const origin = provenance.origins.get(at);
    // Of a default nobody can say where it was written, of what is around it perhaps.
    if (origin && origin.kind !== 'default' && origin.kind !== 'derived')
      return `${placeOf(origin, true)}  ${path}: ${message}`;
  }
  return `${path}: ${message}`;
}

/** @throws Fault `RUN_FILE_INVALID` with everything that would stop the run */
export function refuseProblems(loaded: LoadedRunFile, { problems }: PlanCheck): void {
  if (problems.length === 0) return;
  const { name } = loaded.plan;
  const lines = problems.map((problem) => `  ${remarkLine(loaded, problem)}`);
  throw new Fault('RUN_FILE_INVALID', `${name} cannot be run:\n${lines.join('\n')}`, {
    facts: { name, problems },
    hint: 'docs/run-files.md lists every key with its unit and default.',
  });
}
