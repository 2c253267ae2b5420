import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readRunFolder, type RunFolder } from '#libs/experiment';
import { Fault, isFault } from '#libs/fault';
import { DifferenceFound, differs, lineOf } from './difference.ts';

/**
 * The folder, read strictly. One that nobody could check is a fault.
 *
 * @throws Fault `RUN_FOLDER_INVALID`, `RUN_UNVERIFIABLE`
 */
export async function readFolder(path: string): Promise<RunFolder> {
  const folder = await readRunFolder(path);
  requireVerifiable(folder);
  if (folder.summary !== undefined) await requireWhole(folder);
  return folder;
}

/** What is not as the product writes it is a difference like others; null for a fault that is about no line or blob. */
export function differenceIn(error: unknown, path: string): DifferenceFound | null {
  if (error instanceof DifferenceFound) return error;
  if (!isFault(error) || error.code !== 'RUN_FOLDER_INVALID') return null;
  const { file, line } = error.facts as { readonly file: string; readonly line?: number };
  // Without a manifest there is nothing to be different from.
  if (!existsSync(join(path, 'manifest.json'))) return null;
  const name = relative(path, file);
  const problem = error.message.slice(error.message.indexOf(' ', file.length) + 1);
  return differs(line === undefined ? { file: name } : lineOf(name, line), problem);
}

function requireVerifiable({ path, manifest, plan }: RunFolder): void {
  const { engine, ledger } = manifest;
  const why =
    plan.coordination !== 'flobc' || ledger === null
      ? `it is a baseline (${plan.coordination}): nobody votes, and nothing is signed`
      : engine !== 'sim'
        ? `its engine is ${engine}, whose keys and blocks follow from nothing that is in it`
        : null;
  if (why === null) return;
  throw new Fault('RUN_UNVERIFIABLE', `${path} cannot be verified: ${why}.`, {
    facts: { path, engine, coordination: plan.coordination },
    hint: 'Run it again from its configuration and compare the two folders.',
  });
}

/** A run that came to its end has left nothing half written. */
async function requireWhole({ path, notes, rounds }: RunFolder): Promise<void> {
  const [note] = notes;
  if (note !== undefined)
    throw differs({ file: 'summary.json' }, `is of a run that came to its end, and ${note}`);
  const csv = await readFile(join(path, 'rounds.csv'), 'utf8').catch(() => '');
  const lines = csv.split('\n').length - 1;
  if (lines !== rounds.length + 1)
    throw differs({ file: 'rounds.csv' }, `has ${lines} lines, and ${rounds.length} rounds are over`);
}
