// Writes docs/schemas/node.schema.json and the tables of docs/node-files.md, after a change of the node file's schema:
//
//   node --conditions=source libs/config/src/document/main.ts
import { writeFileSync } from 'node:fs';
import { documentFiles } from './files.ts';

for (const { path, text } of await documentFiles()) writeFileSync(path, text);
