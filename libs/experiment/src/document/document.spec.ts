import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { documentFiles } from './files.ts';

const root = join(import.meta.dirname, '../../../..');
const schema = z.fromJSONSchema(
  JSON.parse(readFileSync(join(root, 'docs/schemas/run.schema.json'), 'utf8')) as Parameters<
    typeof z.fromJSONSchema
  >[0],
);
const accepts = (text: string): boolean => schema.safeParse(parse(text)).success;
const sweepJson = JSON.parse(readFileSync(join(root, 'docs/schemas/sweep.schema.json'), 'utf8')) as {
  properties: { base: { anyOf: object[] } };
};
// Editors follow the reference to the other file; here the reference is what it refers to, less what depends on the rest.
sweepJson.properties.base.anyOf[1] = { type: 'object' };
const sweepSchema = z.fromJSONSchema(sweepJson as Parameters<typeof z.fromJSONSchema>[0]);

const written = 'node --conditions=source libs/experiment/src/document/main.ts';

test(`schema and tables are those of the code; if not: ${written}`, async () => {
  for (const { path, text } of await documentFiles()) expect(readFileSync(path, 'utf8')).toBe(text);
});

describe('the schema for editors', () => {
  const experiments = join(root, 'experiments');
  const files = readdirSync(experiments, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );

  test.each(files)('accepts %s, which names it', (file) => {
    const text = readFileSync(join(experiments, file), 'utf8');
    const kind = 'base' in (parse(text) as object) ? 'sweep' : 'run';
    expect(kind === 'run' ? accepts(text) : sweepSchema.safeParse(parse(text)).success).toBe(true);
    const path = '../'.repeat(file.split('/').length) + `docs/schemas/${kind}.schema.json`;
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${path}`);
  });

  test('accepts shorthands, and mappings that do not name their default', () => {
    expect(accepts('name: a\nscheme: bap\ntrainers: 3\npolicy: FlatPolicy\ndata: mnist')).toBe(true);
    expect(
      accepts('name: a\ndata: { dataset: { folder: x } }\ntraining: { optimizer: { momentum: 0.9 } }'),
    ).toBe(true);
  });

  test.each([
    'seed: 1',
    'name: a\nsead: 1',
    'name: a\nrounds: ten',
    'name: a\nrounds: 0',
    'name: a\nscheme: bps',
    'name: a\nscheme: { kind: bsp, quorumRatio: 1 }',
    'name: a\ntrainers: { behaviours: [{ kind: noise }] }',
  ])('refuses %j', (text) => {
    expect(accepts(text)).toBe(false);
  });
});

test('the examples of the document are run files', async () => {
  const { parseRunFile } = await import('../run-file/load.ts');
  const guide = readFileSync(join(root, 'docs/run-files.md'), 'utf8');
  const examples = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);
  expect(examples.length).toBeGreaterThan(3);
  for (const text of examples)
    await parseRunFile(text.includes('name: quickstart') ? text : `name: a\nscoring: accuracy\n${text}`, {
      file: 'run-files.md',
      folder: root,
    });
});
