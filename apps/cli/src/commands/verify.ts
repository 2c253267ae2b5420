import { Command } from 'commander';
import { openInProcessChain, openJsonRpcChain } from '#libs/evm';
import { type Verification, verifyRunFolder } from '#libs/verify';
import type { Output } from '../output.ts';
import { openProgress } from '../verify/progress.ts';
import { toJson } from '../verify/to-json.ts';
import { toText } from '../verify/to-text.ts';

interface VerifyOptions {
  readonly json?: boolean;
  readonly rpc?: string;
  readonly retest?: boolean;
  readonly files?: string;
}

const ours = (code: number): void => {
  process.exitCode = code;
};

/** `flobc verify`: is what a run folder says what happened? */
export function verifyCommand(
  output: Output = process.stdout,
  side: Output = process.stderr,
  setExitCode: (code: number) => void = ours,
): Command {
  return new Command('verify')
    .description(
      'check a run folder: execute, replay and merge once more what it says, up to the first difference',
    )
    .argument('<folder>', 'a run folder, such as runs/quickstart-1-1')
    .option('--rpc <url>', 'hold it against the chain behind this URL too, event by event')
    .option('--retest', 'test the models that were kept once more; needs the dataset')
    .option('--files <folder>', 'what the paths of the run file are relative to (default: here)')
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      `
Exit code 0: verified. 1: not verified, with the first difference; or it could not be checked.

Examples:
  $ flobc verify runs/quickstart-1-1
  $ flobc verify runs/quickstart-1-1 --retest --json | jq .stateRoot
  $ flobc verify runs/quickstart-1-1 --rpc http://127.0.0.1:8545`,
    )
    .action(async (folder: string, options: VerifyOptions) => {
      const verification = await verify(folder, options, options.json === true ? null : side);
      output.write(options.json === true ? toJson(verification) : toText(verification));
      if (verification.kind === 'differs') setExitCode(1);
    });
}

async function verify(
  folder: string,
  { rpc, retest = false, files }: VerifyOptions,
  side: Output | null,
): Promise<Verification> {
  const live = rpc === undefined ? undefined : await openJsonRpcChain({ url: rpc });
  const progress = openProgress(side);
  try {
    return await verifyRunFolder(folder, {
      openChain: openInProcessChain,
      retest,
      onProgress: progress.update,
      ...(files === undefined ? {} : { root: files }),
      ...(live === undefined ? {} : { live }),
    });
  } finally {
    progress.close();
    await live?.close();
  }
}
