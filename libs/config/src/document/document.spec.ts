import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { documentFiles } from './files.ts';

const root = join(import.meta.dirname, '../../../..');
const written = 'node --conditions=source libs/config/src/document/main.ts';

test(`schema and tables are those of the code; if not: ${written}`, async () => {
  for (const { path, text } of await documentFiles()) expect(readFileSync(path, 'utf8')).toBe(text);
});

test('the example of the document is what editors accept, and a key that is not known is not', () => {
  const json = JSON.parse(readFileSync(join(root, 'docs/schemas/node.schema.json'), 'utf8')) as object;
  const schema = z.fromJSONSchema(json as Parameters<typeof z.fromJSONSchema>[0]);
  const [, example] = /```yaml\n([^]*?)```/.exec(readFileSync(join(root, 'docs/node-files.md'), 'utf8'))!;
  expect(schema.safeParse(parse(example!)).error).toBeUndefined();
  expect(schema.safeParse(parse(`${example}nmae: x\n`)).success).toBe(false);
});
