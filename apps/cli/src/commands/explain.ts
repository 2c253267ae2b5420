import { Command } from 'commander';
import pc from 'picocolors';
import {
  checkPlan,
  explainPlan,
  type ExplainedActors,
  type ExplainedValue,
  type Explanation,
  loadRunFile,
  type LoadedRunFile,
  type PlanCheck,
  planJson,
  refuseProblems,
  remarkLine,
} from '#libs/experiment';
import type { Output } from '../output.ts';

interface ExplainOptions {
  readonly set: readonly string[];
  readonly given?: boolean;
  readonly json?: boolean;
}

/** Collects an option that can be given several times. */
export const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** `flobc explain FILE`: every value that a run file resolves to, where it came from, and what is wrong with it. */
export function explainCommand(output: Output = process.stdout): Command {
  return new Command('explain')
    .description('Show every value that a run file resolves to, and where it came from')
    .argument('<file>', 'a run file')
    .option('--set <path=value>', 'a value over that of the file, as often as needed', collect, [])
    .option('--given', 'only what is not a default')
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ flobc explain experiments/quickstart.yaml
  $ flobc explain experiments/quickstart.yaml --given
  $ flobc explain experiments/quickstart.yaml --set trainers.count=9 --set scheme=bap
  $ flobc explain experiments/quickstart.yaml --json`,
    )
    .action((file: string, options: ExplainOptions) => run(file, options, output));
}

async function run(file: string, options: ExplainOptions, output: Output): Promise<void> {
  const loaded = await loadRunFile(file, options.set);
  const explanation = explainPlan(loaded);
  const check = await checkPlan(loaded.plan, loaded.folder);
  output.write(options.json ? json(loaded, explanation, check) : text(explanation, options));
  const notes = [...loaded.warnings, ...check.warnings.map((warning) => remarkLine(loaded, warning))];
  if (!options.json) for (const note of notes) output.write(`${pc.yellow('warning')} ${note}\n`);
  refuseProblems(loaded, check);
}

function json({ plan, warnings }: LoadedRunFile, explanation: Explanation, check: PlanCheck): string {
  const { digest, summary, actors } = explanation;
  const values = explanation.values.map(({ path, value, origin, source }) => ({
    path,
    value,
    source,
    origin,
  }));
  const findings = { problems: check.problems, warnings: [...warnings, ...check.warnings] };
  return `${JSON.stringify({ digest, summary, values, actors, ...findings, configuration: planJson(plan) }, null, 2)}\n`;
}

function text({ name, digest, summary, values, actors }: Explanation, { given }: ExplainOptions): string {
  const shown = given ? withHeadings(values, values.filter(isGiven)) : values;
  const labels = shown.map(({ depth, key }) => `${'  '.repeat(depth)}${key}`);
  const width = Math.max(...labels.map(({ length }) => length)) + 2;
  const column = Math.min(40, Math.max(...shown.map(({ value }) => value.length))) + 2;
  const rows = shown.map((entry, i) => row(labels[i]!.padEnd(width), entry, column));
  return [
    `${pc.bold(name)}  ${summary}`,
    `configuration ${digest}`,
    '',
    ...rows,
    '',
    ...actors.map(actorsLine),
    '',
  ].join('\n');
}

const isGiven = ({ origin, value }: ExplainedValue): boolean =>
  value !== '' && origin.kind !== 'default' && origin.kind !== 'derived';

/** Some values, with the mappings that they are in. */
function withHeadings(all: readonly ExplainedValue[], some: readonly ExplainedValue[]): ExplainedValue[] {
  return all.filter((entry) =>
    some.some(({ path }) => path === entry.path || path.startsWith(`${entry.path}.`)),
  );
}

function row(label: string, { value, origin, source }: ExplainedValue, column: number): string {
  // Of a mapping without a value of its own there is nothing to say.
  if (value === '') return label.trimEnd();
  const line = `${label}${value.padEnd(column)}  ${source}`;
  return origin.kind === 'default' || origin.kind === 'derived' ? pc.dim(line) : line;
}

function actorsLine({ role, positions, says }: ExplainedActors): string {
  const noun = role === 'trainer' ? 'Trainer' : 'Validator';
  return `${noun}${positions.length === 1 ? '' : 's'} ${rangesOf(positions)}: ${says}`;
}

/** 0-2, 5 */
function rangesOf(positions: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const position of positions) {
    const last = ranges.at(-1);
    if (last?.[1] === position - 1) last[1] = position;
    else ranges.push([position, position]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
