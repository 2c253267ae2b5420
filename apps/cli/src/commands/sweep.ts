import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { Sweep } from '#libs/experiment';
import type { Output } from '../output.ts';
import { onInterrupt, processSignals, type Signals } from '../run/interrupt.ts';
import { commitOfProduct } from '../sweep/commit.ts';
import { JsonSweepReport } from '../sweep/json-report.ts';
import { LiveSweepReport } from '../sweep/live-report.ts';
import { withoutPassword } from '../sweep/remote/address.ts';
import type { SweepReport } from '../sweep/report.ts';
import { runSweep, type SweepOptions, type SweepSurroundings } from '../sweep/start.ts';
import { planText, trialsText } from '../sweep/text.ts';
import { TrialProcess } from '../sweep/trial-processes.ts';
import { positiveInteger } from '../numbers.ts';

interface Options extends SweepOptions {
  readonly json?: boolean;
}

/** What a sweep stands in: this process, or what a test holds in its place. */
export interface SweepCommandSurroundings extends Pick<
  SweepSurroundings,
  'openRunner' | 'estimate' | 'commit' | 'now'
> {
  readonly output: Output;
  readonly side: Output;
  readonly signals: Signals;
  readonly setExitCode: (code: number) => void;
  readonly words: readonly string[];
}

export const thisProcess = (): SweepCommandSurroundings => ({
  output: process.stdout,
  side: process.stderr,
  signals: processSignals,
  setExitCode: (code) => {
    process.exitCode = code;
  },
  words: process.argv.slice(2),
  openRunner: () => new TrialProcess(),
  // Loaded when it is needed: the command's help does not wait for it.
  estimate: async (sweep, say) => (await import('../sweep/estimate.ts')).estimateTrials(sweep, say),
  commit: commitOfProduct(),
  now: () => new Date(),
});

/** `flobc sweep`: every combination of a sweep file's values, with every seed. */
export function sweepCommand(surroundings: () => SweepCommandSurroundings = thisProcess): Command {
  return new Command('sweep')
    .description('run a sweep file: every combination of its values with every seed, several at a time')
    .argument('<file>', 'a sweep file; experiments/flobc has some')
    .option('--out <folder>', 'where the results are (default: runs/sweeps/NAME)')
    .option('--jobs <n>', 'trials at a time (default: what cores and memory bear)', positiveInteger)
    .option('--workers <url>', 'the Redis (redis://HOST:PORT) through which flobc worker takes the trials')
    .option('--password-file <file>', 'a file with the password of that Redis')
    .option('--dry-run', 'list the trials and what they would take, and run none')
    .option('--json', 'write JSON lines, as where the output is no terminal')
    .addHelpText(
      'after',
      `
Exit code 0: all trials ended and everything is as expected. 1: a trial failed, or something is not as expected.

Examples:
  $ flobc sweep experiments/flobc/ratio-mlp.yaml --dry-run
  $ flobc sweep experiments/flobc/ratio-mlp.yaml
  $ flobc sweep experiments/flobc/ratio-mlp.yaml --workers redis://HOST:6379
  $ flobc report runs/sweeps/flobc-ratio-mlp

A sweep that was stopped or killed goes on with the same command; no trial that has ended is run again.

With --workers this machine hands trials out and takes results in, and runs none itself: for that, start flobc worker here
too. Ctrl-C takes back what nobody has begun; what workers have begun they end, and the same command takes it in.`,
    )
    .action(async (file: string, options: Options) => {
      await carryOutSweep(file, options, surroundings());
    });
}

/** Has a sweep carried out, told by a report, and ended by Ctrl-C. `isEnded`: there are results, of all of it. */
export async function carryOutSweep(
  file: string,
  options: Options,
  surroundings: SweepCommandSurroundings,
  load?: (file: string) => Promise<Sweep>,
): Promise<{ readonly isEnded: boolean }> {
  const { output, side, signals, setExitCode, words } = surroundings;
  const isJson = options.json === true;
  const cores = availableParallelism();
  const report: SweepReport =
    options.dryRun === true && !isJson
      ? dryRunReport(output, side)
      : isJson || output.isTTY !== true
        ? new JsonSweepReport(output, side, cores, options.dryRun)
        : new LiveSweepReport(output, cores);
  const controller = new AbortController();
  const endNow = () => {
    report.close();
    stopListening();
    signals.end();
  };
  const stopListening = onInterrupt(signals, {
    first: () => {
      controller.abort();
    },
    again: endNow,
    hide: () => undefined,
  });
  signals.onReaderGone(endNow);
  try {
    const command = ['flobc', ...words.map(withoutPassword).map(quoted)].join(' ');
    const within = { ...surroundings, report, signal: controller.signal, command };
    const result = await runSweep(file, options, within, load);
    if (result.isStopped) setExitCode(interrupted);
    else if (!result.isAsExpected) setExitCode(1);
    return { isEnded: !result.isStopped && options.dryRun !== true };
  } finally {
    stopListening();
  }
}

/** What shells say of a command that was ended by Ctrl-C: 128 and the signal's number. */
const interrupted = 130;

/** As a shell takes it back. */
const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Says what would be done. */
function dryRunReport(output: Output, side: Output): SweepReport {
  const nothing = () => undefined;
  return {
    preparing: nothing,
    warn: (warnings) => {
      for (const warning of warnings) side.write(`warning ${warning}\n`);
    },
    crew: nothing,
    planned: (planned) => {
      output.write(trialsText(planned));
      output.write(planText(planned));
    },
    started: nothing,
    round: nothing,
    ended: nothing,
    failed: nothing,
    end: nothing,
    close: nothing,
  };
}
