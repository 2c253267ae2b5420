import { jsonSchemaOf } from '#libs/settings';
import { runFile } from '../run-file/schema.ts';
import { sweepFile } from '../sweep/schema.ts';

type Node = Record<string, unknown>;

/** The run file's schema for editors: what `run-file/schema.ts` says. */
export const runFileJsonSchema = (): Node =>
  jsonSchemaOf(runFile, 'A run of FLoBC', 'docs/run-files.md describes every key.');

/** The same for sweep files. What a run is, where it stands in one, is said by the run file's own schema beside it. */
export function sweepFileJsonSchema(): Node {
  const schema = jsonSchemaOf(sweepFile, 'A sweep of FLoBC', 'docs/sweeps.md describes every key.');
  const { base } = schema.properties as Record<string, Node>;
  base!.anyOf = [{ type: 'string' }, { $ref: './run.schema.json' }];
  return schema;
}
