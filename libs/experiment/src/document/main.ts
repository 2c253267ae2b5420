// Writes docs/schemas/run.schema.json and the tables of docs/run-files.md, after a change of the run file's schema:
//
//   node --conditions=source libs/experiment/src/document/main.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { documentFiles } from './files.ts';

for (const { path, text } of await documentFiles()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
