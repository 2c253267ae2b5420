import type { Output } from '../output.ts';

/** Rows under their titles, for people; each column as wide as it has to be. */
export function writeTable(
  output: Output,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [titles, ...rows])
    output.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()}\n`,
    );
}

/** For machines: amounts of tokens are beyond what a JSON number can hold, and are texts. */
export const writeJson = (output: Output, value: unknown): void => {
  const plain = (_: string, item: unknown): unknown => (typeof item === 'bigint' ? String(item) : item);
  output.write(`${JSON.stringify(value, plain)}\n`);
};

const tokenWei = 10n ** 18n;

/** Tokens with three decimals. */
export const tokens = (wei: bigint): string =>
  `${wei / tokenWei}.${String((wei % tokenWei) / 10n ** 15n).padStart(3, '0')}`;

export const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
