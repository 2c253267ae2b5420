import { spawn } from 'node:child_process';
import { exitCodes } from '#libs/config';

/** Between an end and the next start: longer each time in a row. */
const [firstPauseMs, longestPauseMs] = [500, 30_000];
/** Whoever has lived this long has not failed in a row. */
const steadyMs = 60_000;

/**
 * Runs a node's program until it ends, and again where that is wanted and helps. Signals are handed on.
 * @param program What Node is given: a file and its arguments.
 * @returns the exit code of the last one
 */
export async function runNode(
  program: readonly string[],
  restarts: boolean,
  say: (what: string) => void,
): Promise<number> {
  const asked = new AbortController();
  const hear = (): void => {
    asked.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear);
  try {
    for (let failures = 0; ; failures++) {
      const start = performance.now();
      const code = await runOnce(program, asked.signal);
      if (asked.signal.aborted || !restarts || code !== exitCodes.tryAgain) return code;
      if (performance.now() - start > steadyMs) failures = 0;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
      say(`the node has ended (exit code ${code}) and is started again in ${pauseMs / 1000} s`);
      if (!(await paused(pauseMs, asked.signal))) return exitCodes.asked;
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, hear);
  }
}

function runOnce(program: readonly string[], asked: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, program, { stdio: 'inherit' });
  const end = (): void => {
    child.kill('SIGTERM');
  };
  asked.addEventListener('abort', end);
  // A program that was killed has failed, whoever killed it.
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? exitCodes.tryAgain);
    });
  }).finally(() => {
    asked.removeEventListener('abort', end);
  });
}

/** @returns false if it was asked to end meanwhile */
const paused = (pauseMs: number, asked: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(true);
    }, pauseMs);
    asked.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
