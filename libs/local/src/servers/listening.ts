import { readFileSync } from 'node:fs';
import { Fault } from '#libs/fault';
import { logOf, type Processes, type Running } from '../processes.ts';

const lookEveryMs = 20;
const patienceMs = 30_000;

/**
 * What a process writes into its log when it is there: the first group of the pattern, from what it has written since it
 * was started. @throws Fault SERVER_FAILED with its last words if it ends before, or says nothing for long
 */
export async function listeningIn(
  processes: Processes,
  name: string,
  running: Running,
  pattern: RegExp,
): Promise<string> {
  const log = logOf(processes.folder, name);
  let isOver = false as boolean;
  void running.ended.then(() => (isOver = true));
  const since = performance.now();
  for (;;) {
    const said = readFileSync(log, 'utf8').slice(running.logFrom);
    const found = pattern.exec(said)?.[1];
    if (found !== undefined) return found;
    if (isOver || performance.now() - since > patienceMs) throw failed(name, log, said, isOver);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function failed(name: string, log: string, said: string, isOver: boolean): Fault {
  const words = said.trim().split('\n').slice(-3).join(' | ');
  return new Fault(
    'SERVER_FAILED',
    `${name} ${isOver ? 'ended' : 'said nothing'} before it was ready: ${words}`,
    {
      facts: { name, log },
      hint: `Its log is ${log}.`,
    },
  );
}
