import { Command } from 'commander';
import { carryOut, type CarryOutOptions, type RunSurroundings, thisProcess } from '../run/carry-out.ts';
import { simulatedEngine } from '../run/simulated-engine.ts';
import { positiveInteger } from '../numbers.ts';

/** `flobc run`: one run of a run file, simulated in this process. */
export function runCommand(
  surroundings: RunSurroundings = { ...thisProcess, engine: simulatedEngine },
): Command {
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
    .action((file: string | undefined, options: CarryOutOptions) => carryOut(file, options, surroundings));
}

/** Values of an option that may be repeated. */
export const gathered = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];
