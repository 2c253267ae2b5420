import { Argument, Command, Option } from 'commander';
import { exitCodeOf, exitCodes, explainNode, loadNodeFile, roles } from '#libs/config';
import { nodeProgram } from '#libs/local';
import { explain } from '../explain.ts';
import { runNode } from '../node/run-node.ts';
import type { Output } from '../output.ts';

interface NodeOptions {
  readonly config: string;
  readonly explainConfig?: boolean;
  readonly check?: boolean;
  readonly restart?: boolean;
  readonly json?: boolean;
}

/** What `flobc node` stands in: this process, or what a test holds in its place. */
export interface NodeSurroundings {
  readonly output: Output;
  readonly side: Output;
  readonly setExitCode: (code: number) => void;
}

const thisProcess: NodeSurroundings = {
  output: process.stdout,
  side: process.stderr,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

/** `flobc node ROLE --config FILE`: one node of a run in the foreground. */
export function nodeCommand(surroundings: NodeSurroundings = thisProcess): Command {
  return new Command('node')
    .description('run one node, a Trainer, a Validator or a Scheduler, as its file says')
    .addArgument(new Argument('<role>', 'what it is').choices(roles))
    .addOption(
      new Option('--config <file>', 'the file of the node; docs/node-files.md').makeOptionMandatory(),
    )
    .option('--explain-config', 'print every value and where it comes from, secrets left out, and end')
    .option('--check', 'look whether file, environment and what they name are in order, and end')
    .option('--restart', 'start the node again when something in the world has failed')
    .option('--json', 'write JSON (--explain-config, and errors)')
    .addHelpText(
      'after',
      `
Examples:
  $ flobc node trainer --config trainer.yaml --check
  $ FLOBC_LOG_LEVEL=debug flobc node validator --config validator.yaml --explain-config
  $ flobc node scheduler --config scheduler.yaml --restart

Ends with 0 when it was asked to (SIGTERM, Ctrl-C), with ${exitCodes.misconfigured} when what it is told is wrong, and with ${exitCodes.tryAgain} when something in
the world has failed: then whoever supervises it starts it again, or --restart does.`,
    )
    .action((role: (typeof roles)[number], options: NodeOptions) => act(role, options, surroundings));
}

async function act(
  role: (typeof roles)[number],
  { config: file, explainConfig, check, restart, json }: NodeOptions,
  { output, side, setExitCode }: NodeSurroundings,
): Promise<void> {
  try {
    const loaded = await loadNodeFile(file, { role });
    if (explainConfig === true) {
      const settings = explainNode(loaded);
      output.write(json === true ? `${JSON.stringify(settings, null, 2)}\n` : tableOf(settings));
    } else if (check === true) output.write(`${file} is in order: ${loaded.config.name}, a ${role}\n`);
    else
      setExitCode(
        await runNode([nodeProgram(role), '--config', file], restart === true, (what) =>
          side.write(`${what}\n`),
        ),
      );
  } catch (error) {
    explain(error, json === true, side);
    setExitCode(exitCodeOf(error));
  }
}

function tableOf(settings: ReturnType<typeof explainNode>): string {
  const width = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length)) + 2;
  const [paths, values] = [
    width(settings.map(({ path }) => path)),
    width(settings.map(({ value }) => value)),
  ];
  return settings
    .map(
      ({ path, value, source }) => `${path.padEnd(paths)}${value.padEnd(Math.min(60, values))}  ${source}\n`,
    )
    .join('');
}
