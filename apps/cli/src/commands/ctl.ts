import { Command } from 'commander';
import { type Deed, act } from '../ctl/acting.ts';
import { createCommand } from '../ctl/create-command.ts';
import { readHistory } from '../ctl/history.ts';
import { nodesOf, runsOf } from '../ctl/looking.ts';
import { fetchModel, modelsOf } from '../ctl/models.ts';
import { instant, tokens, writeRows } from '../ctl/table.ts';
import { addTargetOptions, type TargetOptions, withTarget } from '../ctl/target.ts';
import { waitFor } from '../ctl/waiting.ts';
import { wholeNumber } from '../numbers.ts';
import { Fault } from '#libs/fault';
import { type Output, writeJson } from '../output.ts';

const ours = (code: number): void => {
  process.exitCode = code;
};

/** `flobc ctl`: a running network, seen and steered from anywhere. */
export function ctlCommand(
  output: Output = process.stdout,
  setExitCode: (code: number) => void = ours,
): Command {
  const ctl = new Command('ctl')
    .description('look at a running network, wait for it, and steer it')
    .addHelpText(
      'after',
      `
Looking takes a chain and, for nodes and models, NATS credentials of an observer; it disturbs nobody. Acting takes the
Sponsor's key.

Examples:
  $ flobc ctl runs --config control.yaml
  $ flobc ctl wait --round 4 --timeout 600 && flobc ctl models get latest --out model.safetensors
  $ flobc ctl pause --config members/sponsor/control.yaml`,
    );
  ctl.addCommand(createCommand(output));
  for (const add of [addRuns, addNodes, addRounds, addModels]) add(ctl, output);
  addWait(ctl, output, setExitCode);
  for (const deed of ['pause', 'resume', 'finish'] as const) addDeed(ctl, output, deed);
  return ctl;
}

function addRuns(ctl: Command, output: Output): void {
  addTargetOptions(ctl.command('runs').description('the runs of the ledger, and what they are at')).action(
    (options: TargetOptions) =>
      withTarget(options, async (target) => {
        const rows = await runsOf(target);
        writeRows(
          output,
          options,
          rows,
          ['run', 'round', 'phase', 'until (UTC)', 'wish', 'budget', 'waiting for'],
          rows.map(({ run, round, phase, deadline, paused, finishing, budgetWei, waitingFor }) => [
            ...[String(run), String(round), paused ? `${phase} (paused)` : phase],
            ...[deadline === null ? '' : instant(deadline), finishing ? 'finish' : '', tokens(budgetWei)],
            waitingFor.join(', '),
          ]),
        );
      }),
  );
}

function addNodes(ctl: Command, output: Output): void {
  addTargetOptions(
    ctl.command('nodes').description('the members of the run: standing, money, last heard of'),
  ).action((options: TargetOptions) =>
    withTarget(options, async (target) => {
      const rows = await nodesOf(target);
      writeRows(
        output,
        options,
        rows,
        ['node', 'role', 'active', 'trust', 'bond', 'credit', 'jailed to', 'last heard of (UTC)'],
        rows.map(
          ({ name, account, role, active, trust, bondWei, creditWei, jailedUntilRound, lastHeard }) => [
            ...[name ?? account, role, active ? 'yes' : 'no'],
            role === 'trainer' ? (trust / 1e9).toFixed(3) : '',
            ...[tokens(bondWei), tokens(creditWei), jailedUntilRound === 0 ? '' : String(jailedUntilRound)],
            lastHeard === null ? '' : `${instant(lastHeard.atMs / 1000)} ${lastHeard.kind}`,
          ],
        ),
      );
    }),
  );
}

function addRounds(ctl: Command, output: Output): void {
  addTargetOptions(ctl.command('rounds').description('the rounds of the run')).action(
    (options: TargetOptions) =>
      withTarget(options, async (target) => {
        await target.state();
        const { rounds } = await readHistory(target.ledger, target.run);
        writeRows(
          output,
          options,
          rounds,
          ['round', 'outcome', 'seconds', 'updates', 'accepted', 'refused', 'version', 'rewards'],
          rounds.map(
            ({
              round,
              outcome,
              openedAt,
              endedAt,
              updates,
              accepted,
              refused,
              version,
              rewardsWei,
              voidIn,
            }) => [
              String(round),
              voidIn === null ? outcome : `void in ${voidIn}`,
              endedAt === null ? '' : String(endedAt - openedAt),
              ...[updates, accepted, refused].map(String),
              ...[version === null ? '' : String(version), tokens(rewardsWei)],
            ],
          ),
        );
      }),
  );
}

function addModels(ctl: Command, output: Output): void {
  const models = addTargetOptions(ctl.command('models').description('the models that the run has released'));
  models.action((options: TargetOptions) =>
    withTarget(options, async (target) => {
      await target.state();
      const rows = await modelsOf(target);
      writeRows(
        output,
        options,
        rows,
        ['version', 'round', 'released (UTC)', 'SHA-256'],
        rows.map(({ version, round, model, releasedAt }) => [
          ...[String(version), String(round), instant(releasedAt), model],
        ]),
      );
    }),
  );
  const get = models
    .command('get')
    .description('fetch a model, as safetensors')
    .argument('<version>', 'its number, or latest')
    .requiredOption('--out <file>', 'where it is written');
  addTargetOptions(get).action((version: string, _: unknown, command: Command) => {
    const options = command.optsWithGlobals<TargetOptions & { out: string }>();
    return withTarget(options, async (target) => {
      const row = await fetchModel(target, version, options.out);
      if (options.json === true) {
        writeJson(output, { ...row, path: options.out });
        return;
      }
      output.write(`version ${row.version} of round ${row.round}: ${options.out}\n`);
    });
  });
}

interface WaitOptions extends TargetOptions {
  readonly round?: number;
  readonly finished?: boolean;
  readonly timeout: number;
}

function addWait(ctl: Command, output: Output, setExitCode: (code: number) => void): void {
  const wait = ctl
    .command('wait')
    .description('wait until a round is over, or the run; exit code 1 if it ends in another way')
    .option('--round <n>', 'until this round is settled or void', wholeNumber())
    .option('--finished', 'until the run has finished')
    .option('--timeout <seconds>', 'at most this long', wholeNumber(), 3_600);
  addTargetOptions(wait).action(async (options: WaitOptions) => {
    const { round, finished, timeout } = options;
    if ((round === undefined) === (finished === undefined))
      throw new Fault('OPTION_INVALID', 'There is nothing to wait for.', {
        hint: 'Say --round N or --finished.',
      });
    await withTarget(options, async (target) => {
      const arrived = await waitFor(target, {
        timeoutSeconds: timeout,
        ...(round !== undefined && { round }),
        ...(finished !== undefined && { finished }),
      });
      if (options.json === true) writeJson(output, arrived);
      else
        output.write(`${said[arrived.kind]}${arrived.round === null ? '' : ` (round ${arrived.round})`}\n`);
      if (!arrived.isWanted) setExitCode(1);
    });
  });
}

const said = {
  roundSettled: 'settled',
  roundVoided: 'void',
  runFinished: 'the run has finished',
  runHalted: 'the run was halted',
} as const;

const meaning: Readonly<Record<Deed, readonly [string, string]>> = {
  pause: ['pause the run after the open round', 'the run pauses after the open round'],
  resume: ['let a paused run go on', 'the run goes on'],
  finish: [
    'end the run after the open round; what is left of the budget returns',
    'the run ends after the open round',
  ],
};

function addDeed(ctl: Command, output: Output, deed: Deed): void {
  const [description, done] = meaning[deed];
  addTargetOptions(ctl.command(deed).description(`${description} (the Sponsor)`)).action(
    (options: TargetOptions) =>
      withTarget(options, async (target) => {
        await target.state();
        const { transaction, block } = await act(target, deed);
        if (options.json === true) {
          writeJson(output, { deed, transaction, block: block.number });
          return;
        }
        output.write(`${done} (block ${block.number})\n`);
      }),
  );
}
