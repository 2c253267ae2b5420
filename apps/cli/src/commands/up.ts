import { Command } from 'commander';
import { carryOut, type CarryOutOptions, type RunSurroundings, thisProcess } from '../run/carry-out.ts';
import { type LocalEngineOptions, localEngine } from '../up/local-engine.ts';
import { gathered } from './run.ts';

export type UpOptions = CarryOutOptions & LocalEngineOptions;

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
    .option('--nats <url>', 'use this NATS server with JetStream: nats:// or tls://, several with commas')
    .option(
      '--nats-credentials <file>',
      'NKey seed, creds file or USER:PASSWORD of a user who may do everything: all nodes share it',
    )
    .option('--nats-ca <file>', 'the authority that has signed its certificate, PEM (default: those of Node)')
    .option('--redis <url>', 'use this Redis: redis:// or rediss://, with user, password and database')
    .option(
      '--chain <url>',
      'use this chain, by its JSON-RPC; development chains give coins for gas themselves',
    )
    .option('--chain-key <file>', 'who pays for gas on other chains: a private key in hex, or a keystore')
    .option('--password-file <file>', 'of that keystore (default: it is asked for)')
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
  $ flobc up --nats nats://127.0.0.1:4222 --redis redis://127.0.0.1:6379 --chain http://127.0.0.1:8545

Servers that are named are used and never ended; the network remembers them. @FILE instead of a URL names a file that holds
it: whoever is on this machine sees arguments. More in docs/operations.md.

Ctrl-C ends everything that was started, and nothing else; the same command goes on where it was.`,
    )
    .action((file: string, options: UpOptions) =>
      carryOut(file, options, { ...surroundings, engine: localEngine(file, options) }),
    );
}
