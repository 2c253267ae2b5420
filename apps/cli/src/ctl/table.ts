import { type Output, writeJson } from '../output.ts';

/** Rows under their titles, for people; each column as wide as it has to be. */
function writeTable(output: Output, titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [titles, ...rows])
    output.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()}\n`,
    );
}

/** Rows as JSON where that is asked for, else as a table. */
export function writeRows(
  output: Output,
  { json }: { readonly json?: boolean },
  rows: readonly unknown[],
  titles: readonly string[],
  cells: readonly (readonly string[])[],
): void {
  if (json === true) writeJson(output, rows);
  else writeTable(output, titles, cells);
}

const tokenWei = 10n ** 18n;

/** Tokens with three decimals. */
export const tokens = (wei: bigint): string =>
  `${wei / tokenWei}.${String((wei % tokenWei) / 10n ** 15n).padStart(3, '0')}`;

export const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
