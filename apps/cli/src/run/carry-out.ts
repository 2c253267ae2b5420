import { environment } from '#libs/config';
import type { Output } from '../output.ts';
import type { Engine } from './engine.ts';
import { onInterrupt, processSignals, type Signals } from './interrupt.ts';
import { openReport } from './open-report.ts';
import { runFile, type RunFileOptions } from './start.ts';
import type { Environment, Terminal } from './terminal/terminal.ts';

export interface CarryOutOptions extends RunFileOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What a command that runs something stands in: this process, or what a test holds in its place. */
export interface RunSurroundings {
  readonly terminal: Terminal;
  readonly side: Output;
  readonly environment: Environment;
  readonly platform: string;
  readonly clock: () => number;
  readonly signals: Signals;
  readonly setExitCode: (code: number) => void;
  readonly engine: Engine;
}

/** This process. */
export const thisProcess: Omit<RunSurroundings, 'engine'> = {
  terminal: process.stdout,
  side: process.stderr,
  environment,
  platform: process.platform,
  clock: () => performance.now(),
  signals: processSignals,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

/** What shells say of a command that was ended by Ctrl-C: 128 and the signal's number. */
const interrupted = 130;

/** Has a run file carried out by an engine, told by a report, and ended by Ctrl-C. */
export async function carryOut(
  file: string | undefined,
  options: CarryOutOptions,
  surroundings: RunSurroundings,
): Promise<void> {
  const { signals, setExitCode, engine } = surroundings;
  const report = openReport({
    ...surroundings,
    json: options.json === true,
    quiet: options.quiet === true,
  });
  const controller = new AbortController();
  const lastActs: (() => void)[] = [];
  const endNow = () => {
    report.close();
    for (const act of lastActs) act();
    // The signal that ends the process must not be heard here again.
    stopListening();
    signals.end();
  };
  let isStarted = false;
  const stopListening = onInterrupt(signals, {
    first: () => {
      if (!isStarted) {
        endNow();
        return;
      }
      controller.abort();
      report.stopping();
    },
    again: endNow,
    hide: () => {
      report.hide();
    },
  });
  signals.onReaderGone(endNow);
  try {
    const onStart = () => (isStarted = true);
    const beforeEndingNow = (act: () => void) => lastActs.push(act);
    const starting = { report, signal: controller.signal, engine, onStart, beforeEndingNow };
    const { outcome, afterwards } = await runFile(file, options, starting);
    report.end(outcome);
    await afterwards();
    if (outcome.result.end === 'stopped') setExitCode(interrupted);
  } finally {
    report.close();
    stopListening();
  }
}
