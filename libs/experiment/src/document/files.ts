import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { withTables } from '#libs/settings';
import { runFileJsonSchema, sweepFileJsonSchema } from './json-schema.ts';
import { sweepTables } from './sweep-tables.ts';
import { documentTables } from './tables.ts';

const root = join(import.meta.dirname, '../../../..');

/** The files that are made of the schema, as they should be: path and text. */
export async function documentFiles(): Promise<{ path: string; text: string }[]> {
  const schema = join(root, 'docs/schemas/run.schema.json');
  const guide = join(root, 'docs/run-files.md');
  const sweepSchema = join(root, 'docs/schemas/sweep.schema.json');
  const sweepGuide = join(root, 'docs/sweeps.md');
  return [
    { path: schema, text: await formatted(schema, JSON.stringify(runFileJsonSchema())) },
    {
      path: guide,
      text: await formatted(guide, withTables(guide, readFileSync(guide, 'utf8'), documentTables)),
    },
    { path: sweepSchema, text: await formatted(sweepSchema, JSON.stringify(sweepFileJsonSchema())) },
    {
      path: sweepGuide,
      text: await formatted(
        sweepGuide,
        withTables(sweepGuide, readFileSync(sweepGuide, 'utf8'), sweepTables),
      ),
    },
  ];
}

async function formatted(filepath: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}
