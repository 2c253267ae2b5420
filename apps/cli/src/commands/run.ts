import { Command } from 'commander';
import type { Output } from '../output.ts';
import type { Engine } from '../run/engine.ts';
import { onInterrupt, processSignals, type Signals } from '../run/interrupt.ts';
import { openReport } from '../run/open-report.ts';
import { runFile, type RunFileOptions } from '../run/start.ts';
import { simulatedEngine } from '../run/simulated-engine.ts';
import type { Environment, Terminal } from '../run/terminal/terminal.ts';
import { positiveInteger } from '../training/options.ts';

interface RunOptions extends RunFileOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What the command stands in: this process, or what a test holds in its place. */
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

const ours: RunSurroundings = {
  terminal: process.stdout,
  side: process.stderr,
  environment: process.env,
  platform: process.platform,
  clock: () => performance.now(),
  signals: processSignals,
  setExitCode: (code) => {
    process.exitCode = code;
  },
  engine: simulatedEngine,
};

/** What shells say of a command that was ended by Ctrl-C: 128 and the signal's number. */
const interrupted = 130;

/** `flobc run`: one run of a run file, simulated in this process. */
export function runCommand(surroundings: RunSurroundings = ours): Command {
  return new Command('run')
    .description('run a run file: Trainers, Validators and contracts in this process, in virtual time')
    .argument('[file]', 'a run file; experiments/ has some')
    .option('--set <key=value>', 'a value over what the file says, in YAML; may be repeated', gathered)
    .option('--seed <seed>', 'everything random is drawn from it (default: what the file says)')
    .option('--out <folder>', 'where the run is written down (default: runs/NAME-SEED-N)')
    .option(
      '--resume <folder>',
      'go on with the run in this folder, which was stopped or killed before its end',
    )
    .option('--workers <n>', 'threads; changes no result (default: the cores)', positiveInteger)
    .option('--keep-updates', 'keep the bytes of every update in the folder')
    .option('--json', 'write JSON lines: the start, each event, each round, the result')
    .option('--quiet', 'write nothing but the end')
    .addHelpText(
      'after',
      `
Examples:
  $ flobc run experiments/quickstart.yaml
  $ flobc run experiments/quickstart.yaml --set trainers.count=20 --set scheme=bap --seed 7
  $ flobc run --resume runs/quickstart-1-1
  $ flobc run experiments/quickstart.yaml --json | jq 'select(.kind == "round") | .accuracy'

Ctrl-C ends the run after the round that it is in, and says how it goes on; once more, and it ends at once.`,
    )
    .action((file: string | undefined, options: RunOptions) => run(file, options, surroundings));
}

const gathered = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

async function run(
  file: string | undefined,
  options: RunOptions,
  surroundings: RunSurroundings,
): Promise<void> {
  const { signals, setExitCode, engine } = surroundings;
  const report = openReport({
    ...surroundings,
    json: options.json === true,
    quiet: options.quiet === true,
  });
  const controller = new AbortController();
  const endNow = () => {
    report.close();
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
    const outcome = await runFile(file, options, { report, signal: controller.signal, engine, onStart });
    report.end(outcome);
    if (outcome.result.end === 'stopped') setExitCode(interrupted);
  } finally {
    report.close();
    stopListening();
  }
}
