import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { code, jsonSchemaOf, keyTable, table, withTables } from '#libs/settings';
import { variables } from '../environment.ts';
import { nodeFile } from '../schema.ts';

const root = join(import.meta.dirname, '../../../..');

/** The tables of docs/node-files.md, by name. */
const tables: Readonly<Record<string, () => string>> = {
  node: () => keyTable('', nodeFile.shape),
  variables: () =>
    table(
      ['variable', 'value'],
      [...variables].map(([name, { path }]) => [code(name), code(path.join('.'))]),
    ),
};

/** The files that are made of the schema, as they should be: path and text. */
export async function documentFiles(): Promise<{ path: string; text: string }[]> {
  const schema = join(root, 'docs/schemas/node.schema.json');
  const guide = join(root, 'docs/node-files.md');
  const json = jsonSchemaOf(nodeFile, 'A node of FLoBC', 'docs/node-files.md describes every key.');
  return [
    { path: schema, text: await formatted(schema, JSON.stringify(json)) },
    { path: guide, text: await formatted(guide, withTables(guide, readFileSync(guide, 'utf8'), tables)) },
  ];
}

async function formatted(filepath: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}
