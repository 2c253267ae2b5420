import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { Command } from 'commander';
import { csvText, loadReports, readResults, type Report } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { Output } from '../output.ts';

interface ReportOptions {
  readonly out?: string;
  readonly remarks?: string;
  readonly csv?: boolean | string;
  readonly png?: boolean | string;
  readonly markdown?: boolean | string;
  readonly json?: boolean;
}

/** `flobc report`: what a sweep came to, for people. */
export function reportCommand(output: Output = process.stdout): Command {
  return new Command('report')
    .description('make a report of what flobc sweep left: figures and tables in one HTML page')
    .argument('<folder>', "a sweep's folder, such as runs/sweeps/NAME, or the folder of one run")
    .option('--out <file>', 'the page (default: report.html in the folder)')
    .option('--remarks <file>', 'paragraphs of your own about the result, to stand below it')
    .option('--csv [folder]', 'also the data of figures and tables, as CSV (default: csv/ in the folder)')
    .option('--png [folder]', 'also each figure as PNG (default: png/ in the folder)')
    .option(
      '--markdown [file]',
      'also as Markdown, with its figures beside it (default: report.md in the folder)',
    )
    .option('--json', 'write what was written as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ flobc report runs/sweeps/flobc-ratio-mlp
  $ flobc report runs/sweeps/flobc-ratio-mlp --png --csv
  $ flobc report runs/sweeps/flobc-ratio-mlp --markdown docs/results/flobc-ratio-mlp.md`,
    )
    .action(async (folder: string, options: ReportOptions) => {
      const written = await writeReport(folder, options);
      if (options.json === true) output.write(`${JSON.stringify({ written })}\n`);
      else for (const path of written) output.write(`${path}\n`);
    });
}

/** Returns the paths of what was written. */
async function writeReport(
  folder: string,
  { out, remarks, csv, png, markdown }: ReportOptions,
): Promise<string[]> {
  const { reportOf, htmlOf, markdownOf, pngOf, standalone } = await loadReports();
  const report = reportOf(await readResults(folder), remarks === undefined ? '' : textOf(remarks));
  const written: string[] = [];
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    written.push(path);
  };
  write(out ?? join(folder, 'report.html'), htmlOf(report));
  if (csv !== undefined)
    for (const [name, text] of tablesAsCsv(report)) write(join(placeOf(csv, folder, 'csv'), name), text);
  if (png !== undefined)
    for (const { id, svg } of report.figures)
      write(join(placeOf(png, folder, 'png'), `${id}.png`), pngOf(svg));
  if (markdown !== undefined) {
    const file = placeOf(markdown, folder, 'report.md');
    const figures = join(dirname(file), basename(file, extname(file)));
    const pathOf = (id: string) => join(figures, `${id}.svg`);
    write(
      file,
      markdownOf(report, (id) => relative(dirname(file), pathOf(id))),
    );
    for (const { id, svg } of report.figures) write(pathOf(id), standalone(svg));
  }
  return written;
}

/** @throws Fault `OPTION_INVALID` */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('OPTION_INVALID', `--remarks: ${file} cannot be read: ${(cause as Error).message}`, {
      facts: { file },
      hint: 'Give a text file, its paragraphs apart by empty lines.',
      cause,
    });
  }
}

/** An option that may be given without its value. */
const placeOf = (given: boolean | string, folder: string, name: string): string =>
  typeof given === 'string' ? given : join(folder, name);

function tablesAsCsv({ figures, tables }: Report): [name: string, text: string][] {
  return [
    ...figures.map(({ id, data: { head, rows } }): [string, string] => [
      `figure-${id}.csv`,
      csvText(head, rows),
    ]),
    ...tables.map(({ id, head, rows }): [string, string] => [`table-${id}.csv`, csvText(head, rows)]),
  ];
}
