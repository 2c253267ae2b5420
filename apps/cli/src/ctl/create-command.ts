import { Command } from 'commander';
import { ConsortiumFolder } from '#libs/consortium';
import { type Output, writeJson } from '../output.ts';
import { gathered } from '../commands/run.ts';
import { askPassword } from '../password.ts';
import { createRun, equipMembers } from './create.ts';

interface CreateOptions {
  readonly consortium: string;
  readonly set?: readonly string[];
  readonly coins?: boolean;
  readonly another?: boolean;
  readonly passwordFile?: string;
  readonly json?: boolean;
}

/** `flobc ctl create`: the founder deploys a run for a consortium. */
export function createCommand(output: Output): Command {
  return new Command('create')
    .description("deploy, create and fund a run by the Sponsor's key, and make its streams by the operator's")
    .argument(
      '[file]',
      'a run file (default: none; the run that is there is made ready for members that came later)',
    )
    .requiredOption('--consortium <folder>', 'as flobc keys consortium has made it')
    .option('--set <key=value>', 'a value over what the file says, in YAML; may be repeated', gathered)
    .option('--coins', 'give the accounts coins for gas: development chains only (anvil)')
    .option('--another', 'though the consortium has a run already')
    .option('--password-file <file>', "of the Sponsor's key (default: it is asked for)")
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      `
Afterwards every members/NAME has the run in its node.yaml or control.yaml, and its plan.json: give them to their operators.

Example:
  $ flobc ctl create run.yaml --consortium our-consortium --password-file sponsor.password`,
    )
    .action(async (file: string | undefined, options: CreateOptions) => {
      const folder = new ConsortiumFolder(options.consortium);
      const password = () => askPassword(options.passwordFile, "Password of the Sponsor's key: ");
      const say = (what: string): void => {
        if (options.json !== true) output.write(`${what}\n`);
      };
      const { set = [], coins = false, another = false } = options;
      const ground = { folder, coins, password, say };
      const run =
        file === undefined ? await equipMembers(ground) : await createRun({ ...ground, file, set, another });
      if (options.json === true) writeJson(output, run);
      else output.write(`run ${run.number} on the ledger ${run.ledger}\n`);
    });
}
