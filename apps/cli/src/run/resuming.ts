import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { placed, readManifest, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';

/** What is to be carried out, and what its paths are relative to. */
export interface ToRun {
  readonly plan: RunPlan;
  readonly folder: string;
}

/**
 * The run of a run folder, to go on with. Its configuration is there; the files that it names are not, and are looked for
 * where the run file is or, without one, in the folder that the command is given in.
 *
 * @throws Fault `RUN_FOLDER_INVALID`, or `OPTION_INVALID` where a model or policy is not what the run began with
 */
export function runToResume(path: string, file: string | undefined): ToRun {
  const { plan } = readManifest(path);
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  for (const [name, digest] of Object.entries(plan.files))
    if (digestOf(resolve(folder, name)) !== digest) throw notAsItWas(path, resolve(folder, name));
  return { plan, folder };
}

function digestOf(file: string): string | undefined {
  try {
    return `0x${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
  } catch {
    return undefined;
  }
}

function notAsItWas(run: string, file: string): Fault {
  return new Fault('OPTION_INVALID', `--resume ${run}: ${file} is not the file that the run began with`, {
    facts: { run, file },
    hint: 'Name the run file too, so that its folder is known: flobc run FILE --resume FOLDER.',
  });
}

/** The command that goes on with a run. The run file is in it where the plan names files beside it. */
export function resumeCommand(path: string, file: string | undefined, plan: RunPlan): string {
  const isPlaced = JSON.stringify(placed(plan, '/a')) !== JSON.stringify(placed(plan, '/b'));
  const words = ['flobc', 'run', ...(isPlaced && file !== undefined ? [file] : []), '--resume', path];
  return words.map(quoted).join(' ');
}

const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
