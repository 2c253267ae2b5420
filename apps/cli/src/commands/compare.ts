import Table from 'cli-table3';
import { Command } from 'commander';
import pc from 'picocolors';
import { type Comparison, type Difference, loadReports, readResults } from '#libs/experiment';
import type { Output } from '../output.ts';
import { gathered } from './run.ts';

interface CompareOptions {
  readonly figure?: readonly string[];
  readonly json?: boolean;
}

/** `flobc compare A B`: what is otherwise in the second of two sweeps. */
export function compareCommand(output: Output = process.stdout): Command {
  return new Command('compare')
    .description(
      'compare two sweeps, or two runs: what differs, by how much, and whether that can be told from chance',
    )
    .argument('<a>', "a sweep's folder, or that of a run")
    .argument('<b>', 'another one')
    .option('--figure <name>', 'a figure of docs/sweeps.md to be compared; may be repeated', gathered)
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      `
Differences are B less A, seed by seed where both have the seed, with half of their 95 % interval; g is Hedges' g.
What is marked is told from chance: the interval does not hold zero.

Examples:
  $ flobc compare runs/sweeps/before runs/sweeps/after
  $ flobc compare runs/sweeps/a runs/sweeps/b --figure accuracy.final --figure gas.round`,
    )
    .action(async (a: string, b: string, { figure, json }: CompareOptions) => {
      const { compareSweeps } = await loadReports();
      const comparison = compareSweeps(await readResults(a), await readResults(b), figure);
      output.write(json === true ? `${JSON.stringify(comparison)}\n` : text(comparison));
    });
}

function text({ differences, onlyA, onlyB, sameTrials }: Comparison): string {
  const table = new Table({
    head: ['combination', 'figure', 'A', 'B', 'B - A', 'g'],
    style: { head: [], border: [] },
    chars: plain,
  });
  for (const { combination, metric, a, b, g, text: difference, ...rest } of differences)
    table.push([
      combination,
      metric,
      a,
      b,
      marked(difference, rest),
      Number.isFinite(g) ? g.toFixed(2) : '-',
    ]);
  const lines = [
    ...(differences.length === 0 ? ['nothing to compare: no combination is in both'] : [table.toString()]),
    ...(sameTrials === 0 ? [] : [`${sameTrials} trials are the same run in both`]),
    ...onlyA.map((title) => `only in A: ${title}`),
    ...onlyB.map((title) => `only in B: ${title}`),
  ];
  return `${lines.join('\n')}\n`;
}

function marked(difference: string, { isTold, isBetter }: Pick<Difference, 'isTold' | 'isBetter'>): string {
  if (!isTold) return difference;
  if (isBetter === null) return pc.yellow(`${difference} *`);
  return isBetter ? pc.green(`${difference} *`) : pc.red(`${difference} *`);
}

/** Columns without lines between them. */
const plain = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((key) => [key, '']),
);
