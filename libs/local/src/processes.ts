import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { plainEnvironment } from '#libs/config';

/** What is to be started. Its command line must name the network's folder: by that it is known again. */
export interface Command {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

/** A process that was started here. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  /** Where in its log begins what it writes itself, in characters. */
  readonly logFrom: number;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<Ending>;
  /** Asks it to end, and after `graceMs` makes it. */
  end(graceMs: number): Promise<void>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The processes of one network on this machine: each has a log and a file with its number, so that whoever comes later, in
 * another terminal or after a crash, finds it, and nothing else.
 */
export class Processes {
  readonly folder: string;
  readonly #running = new Map<string, Running>();

  constructor(folder: string) {
    this.folder = folder;
    for (const part of ['pids', 'logs']) mkdirSync(join(folder, part), { recursive: true });
  }

  start({ name, path, args }: Command): Running {
    const logPath = logOf(this.folder, name);
    const logFrom = logLength(logPath);
    const log = openSync(logPath, 'a');
    // A session of its own: Ctrl-C in the terminal is for the command, which ends them in their order.
    const child = spawn(path, args, {
      stdio: ['ignore', log, log],
      detached: true,
      // Of the many nodes of a network none is meant by a variable of this terminal.
      env: plainEnvironment,
    });
    closeSync(log);
    const ended = endingOf(child);
    const running: Running = {
      name,
      pid: child.pid ?? -1,
      logFrom,
      ended,
      end: async (graceMs) => {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
        await ended;
        clearTimeout(timer);
      },
    };
    if (child.pid !== undefined) this.#note(name, child.pid);
    this.#running.set(name, running);
    void ended.then(() => {
      if (this.#running.get(name) !== running) return;
      this.#running.delete(name);
      rmSync(pidFile(this.folder, name), { force: true });
    });
    return running;
  }

  /** Others look at these files at any moment: half of a number would be another process. */
  #note(name: string, pid: number): void {
    const written = join(this.folder, 'pid.new');
    writeFileSync(written, String(pid));
    renameSync(written, pidFile(this.folder, name));
  }
}

export const logOf = (folder: string, name: string): string => join(folder, 'logs', `${name}.log`);
const logLength = (path: string): number => (existsSync(path) ? readFileSync(path, 'utf8').length : 0);
const pidFile = (folder: string, name: string): string => join(folder, 'pids', name);

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', () => {
      resolve({ code: 127, signal: null });
    });
  });
}

/** A process of a network, started by whomever. */
export interface Found {
  readonly name: string;
  readonly pid: number;
}

/**
 * Those that run now. A number that the machine has given to another process since is not one of them. Only looks: who has
 * started them may be writing at this moment.
 */
export function findProcesses(given: string): Found[] {
  const folder = resolve(given);
  const place = join(folder, 'pids');
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .map((name) => ({ name, pid: pidIn(join(place, name)) }))
    .filter(({ pid }) => isOf(folder, pid));
}

/** 0: the file is gone by now, and its process with it. */
function pidIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

function isOf(folder: string, pid: number): boolean {
  try {
    if (!(pid > 0)) return false;
    process.kill(pid, 0);
    // Where there is no /proc the number has to do.
    if (!existsSync('/proc/self/cmdline')) return true;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
  } catch {
    return false;
  }
}

/** Ends what is left of a network: nodes before the servers that they need. */
export async function endProcesses(given: string, graceMs: number): Promise<Found[]> {
  const folder = resolve(given);
  const found = findProcesses(folder);
  const servers = found.filter(({ name }) => serverNames.has(name));
  const nodes = found.filter(({ name }) => !serverNames.has(name));
  for (const group of [nodes, servers]) await Promise.all(group.map((one) => endFound(folder, one, graceMs)));
  return found;
}

const serverNames: ReadonlySet<string> = new Set(['nats', 'redis', 'chain']);

/** Ends what is left of a network at once. What its nodes have promised is in their journals. */
export function killProcesses(folder: string): void {
  for (const { pid } of findProcesses(folder)) signalTo(pid, 'SIGKILL');
}

/** False if it has just ended. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function endFound(folder: string, { pid }: Found, graceMs: number): Promise<void> {
  const since = performance.now();
  let signal: NodeJS.Signals = 'SIGTERM';
  while (isOf(folder, pid)) {
    if (!signalTo(pid, signal)) return;
    if (performance.now() - since > graceMs) signal = 'SIGKILL';
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
