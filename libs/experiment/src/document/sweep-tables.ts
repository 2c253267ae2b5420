import { code, keyTable, table } from '#libs/settings';
import { documentedMetrics } from '../results/index.ts';
import { sweepFile } from '../sweep/schema.ts';

/** The tables of docs/sweeps.md, by name: from the schema and from the catalogue of figures. */
export const sweepTables: Readonly<Record<string, () => string>> = {
  sweep: () => keyTable('', sweepFile.shape),
  figures: () =>
    table(
      ['figure', 'what it is', 'in'],
      documentedMetrics.map(([name, { says, unit }]) => [code(name), says, unit]),
    ),
};
