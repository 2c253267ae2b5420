import { Command } from 'commander';
import { carryOut, type CarryOutOptions, type RunSurroundings, thisProcess } from '../run/carry-out.ts';
import { localEngine } from '../up/local-engine.ts';
import { gathered } from './run.ts';

export interface UpOptions extends CarryOutOptions {
  readonly exit?: boolean;
  readonly yes?: boolean;
  readonly orSimulate?: boolean;
}

/** What is carried out when no run file is named. */
const usual = 'experiments/quickstart-local.yaml';

/** `flobc up`: a network of real servers and processes on this machine. */
export function upCommand(surroundings: Omit<RunSurroundings, 'engine'> = thisProcess): Command {
  return new Command('up')
    .description('start a whole network on this machine: NATS, Redis, a chain, and a process for every node')
    .argument('[file]', 'a run file', usual)
    .option('--exit', 'end the network when the run ends')
    .option('--yes', 'install servers that are missing (Debian, as root) without asking')
    .option('--or-simulate', 'where servers are missing and cannot be installed, simulate the same file')
    .option('--set <key=value>', 'a value over what the file says, in YAML; may be repeated', gathered)
    .option('--seed <seed>', 'everything random is drawn from it (default: what the file says)')
    .option(
      '--out <folder>',
      'where the network is (default: networks/NAME-SEED-N, the one to go on with or the next)',
    )
    .option('--json', 'write JSON lines: the start, each event, each round, the result')
    .option('--quiet', 'write nothing but the end')
    .addHelpText(
      'after',
      `
Examples:
  $ flobc up                                  ${usual}: 4 Trainers, 3 Validators
  $ flobc up experiments/quickstart.yaml --exit
  $ flobc ps                                  in another terminal: what runs
  $ flobc logs trainer-0

Ctrl-C ends everything that was started, and nothing else; the same command goes on where it was.`,
    )
    .action((file: string, options: UpOptions) =>
      carryOut(file, options, { ...surroundings, engine: localEngine(file, options) }),
    );
}
