import { variables } from './palette.ts';
import type { Report } from './report.ts';
import type { Table } from './tables.ts';
import { valueText } from './html.ts';

/** A report as Markdown, its figures in files beside it: `figureOf` says under which path each stands. */
export function markdownOf(report: Report, figureOf: (id: string) => string): string {
  const { name, question, facts, cautions, findings, remarks, reported, differs, figures, tables, source } =
    report;
  const section = (title: string, text: string | null) => (text === null ? [] : [`## ${title}`, text]);
  const parts = [
    `# ${name}`,
    ...(question === null ? [] : [question]),
    ...cautions.map((caution) => `> ${caution}`),
    tableText(
      ['', ''],
      facts.map(([key, value]) => [key, key === 'command' ? `\`${value}\`` : value]),
      2,
    ),
    ...(findings.length === 0 ? [] : ['## Result', ...findings]),
    ...(remarks.length === 0 ? [] : ['## Remarks', ...remarks]),
    ...section('What was reported', reported),
    ...section('What differs', differs),
    ...expectations(report),
    ...(figures.length === 0 ? [] : ['## Figures']),
    ...figures.flatMap(({ id, title, says }) => [
      `### ${title}`,
      `![${title}](${figureOf(id)})`,
      `${says} ${source}.`,
    ]),
    ...(tables.length === 0 ? [] : ['## Tables']),
    ...tables.flatMap(markdownTable),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A figure as a file of its own, which knows light and dark by itself. */
export const standalone = (svg: string): string =>
  `${svg.replace(/^(<svg [^>]*>)/, `$1<style>${variables}</style><rect width="100%" height="100%" fill="var(--paper)"/>`)}\n`;

function expectations({ expectations: all }: Report): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ text, title, holds, left, right, missing }) => [
    ...[text, title, valueText(left), valueText(right)],
    `${holds ? 'holds' : '**does not hold**'}${missing > 0 ? ` (missing seeds: ${missing})` : ''}`,
  ]);
  return ['## Expectations', tableText(['expected', 'of', 'left', 'right', ''], rows, 2)];
}

const markdownTable = ({ title, says, head, rows, words }: Table): string[] => [
  `### ${title}`,
  says,
  tableText(head, rows, words),
];

function tableText(head: readonly string[], rows: readonly (readonly string[])[], words: number): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i < words ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
