import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '#libs/fault';

/**
 * Holds a folder for this process. A process that was killed holds nothing: who holds it is looked up by process id and, where
 * the system tells, the instant at which that process was started, so that an id that was given out again is not taken for it.
 *
 * @throws Fault `SWEEP_FOLDER_TAKEN`
 */
export function lockFolder(folder: string): () => void {
  const lock = join(folder, '.lock');
  const own = `${process.pid} ${startOf(process.pid) ?? ''}\n`;
  mkdirSync(folder, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, own, { flag: 'wx' });
      return () => {
        rmSync(lock, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = contentOf(lock);
    const [pid, start] = held.trim().split(' ');
    if (isAlive(Number(pid), start))
      throw new Fault('SWEEP_FOLDER_TAKEN', `${folder} is in use by process ${pid ?? '?'}.`, {
        facts: { folder, pid },
        hint: 'Wait until that sweep has ended, end it, or give another folder with --out.',
      });
    // Of several who find it stale, the one that moves it away takes it; the others find it gone or new.
    const aside = join(folder, `.lock-${process.pid}`);
    try {
      renameSync(lock, aside);
      rmSync(aside, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number, start: string | undefined): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const now = startOf(pid);
  if (now !== undefined && start) return now === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat: ticks between the machine's start and the process's. Undefined elsewhere than on Linux. */
function startOf(pid: number): string | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  // The name of the program, field 2, may hold spaces and brackets.
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
