import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import { parseDocument } from 'yaml';
import { batteryText, parseSweepFile, readSweepResults, type Sweep } from '#libs/experiment';
import { Fault } from '#libs/fault';
import { findingsOf } from '../policy/findings.ts';
import { findingsText } from '../policy/text.ts';
import { positiveInteger } from '../numbers.ts';
import { gathered } from './run.ts';
import { carryOutSweep, type SweepCommandSurroundings, thisProcess } from './sweep.ts';

interface Options {
  readonly seeds: string;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly jobs?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `flobc policy test`: does cheating pay under a policy? */
export function policyCommand(surroundings: () => SweepCommandSurroundings = thisProcess): Command {
  const test = new Command('test')
    .description(
      'put a policy through the battery: nobody hostile, then each hostile behaviour at 10 to 50 % of its role',
    )
    .argument('<policy>', 'a .sol file, or the name of a policy of the product')
    .option('--seeds <seeds>', 'every attack is run with each of them', '1-3')
    .option('--set <key=value>', 'a value of the run file over the battery; may be repeated', gathered)
    .option('--out <folder>', 'where the results are (default: runs/policies/NAME)')
    .option('--jobs <n>', 'runs at a time (default: what cores and memory bear)', positiveInteger)
    .option('--dry-run', 'list the runs and what they would take, and run none')
    .option('--json', 'write JSON lines; the last is what was found')
    .addHelpText(
      'after',
      `
Exit code 0: no attack pays. 1: one does, or a run failed. What is not told from zero does not count as paying.

Examples:
  $ flobc policy test ./MyPolicy.sol --dry-run
  $ flobc policy test ./MyPolicy.sol --seeds 1-5
  $ flobc policy test FlobcPolicy --set scoring=accuracy
  $ flobc report runs/policies/MyPolicy

A battery that was stopped or killed goes on with the same command.`,
    )
    .action((policy: string, options: Options) => act(policy, options, surroundings()));
  return new Command('policy').description('try out policies of rewards and penalties').addCommand(test);
}

async function act(
  policy: string,
  { seeds, set = [], ...options }: Options,
  surroundings: SweepCommandSurroundings,
): Promise<void> {
  const isFile = policy.endsWith('.sol');
  if (isFile && !existsSync(policy))
    throw new Fault('POLICY_UNKNOWN', `There is no file ${policy}.`, {
      facts: { policy },
      hint: 'Give the path of a .sol file, or the name of a policy of docs/policies.md.',
    });
  const name = basename(policy, '.sol');
  const out = options.out ?? join('runs', 'policies', name);
  const text = batteryText({
    ...{ policy: isFile ? resolve(policy) : policy, name, seeds },
    fixed: Object.fromEntries(set.map(valueOf)),
  });
  const load = (): Promise<Sweep> => parseSweepFile(text, 'the battery');
  const { isEnded } = await carryOutSweep(`the battery of ${name}`, { ...options, out }, surroundings, load);
  if (!isEnded) return;
  const findings = findingsOf(await readSweepResults(out));
  const { output, setExitCode } = surroundings;
  const isJson = options.json === true || output.isTTY !== true;
  output.write(
    isJson
      ? `${JSON.stringify({ kind: 'findings', policy: name, ...findings })}\n`
      : findingsText(name, findings),
  );
  if (findings.attacks.some(({ pays }) => pays === 'yes')) setExitCode(1);
}

function valueOf(text: string): [string, unknown] {
  const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const document = parseDocument(value, { prettyErrors: false });
  if (key !== undefined && document.errors.length === 0) return [key, document.toJS()];
  throw new Fault('OPTION_INVALID', `--set ${text} is not key=value, the value in YAML.`, {
    facts: { text },
    hint: 'Write --set key=value, such as --set rounds=30.',
  });
}
