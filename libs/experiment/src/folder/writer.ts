import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#libs/fault';
import type { Digest, Event } from '#libs/protocol';
import { formatEvent, formatEventsHeader, formatManifest, type Manifest } from '#libs/wire';
import { z } from 'zod';
import type { Json } from '../plan/canonical.ts';
import type { RunPlan } from '../run-plan.ts';
import { csvHeader, csvLine } from './csv.ts';
import { invalidFolder } from './faults.ts';
import { GrowingText } from './growing-text.ts';
import { blobFile, checkpointFile, growing, type GrowingFile, manifestFile, summaryFile } from './layout.ts';
import { parseCheckpoint } from './reader.ts';
import { replaceFile } from './replace-file.ts';
import {
  ballot,
  type BallotRecord,
  checkpoint,
  input,
  type InputRecord,
  round,
  type RoundRecord,
  statement,
  type StatementRecord,
  summary,
  type Summary,
  transaction,
  type TransactionRecord,
} from './records.ts';

/**
 * Writes what can be checked afterwards. Lines are kept back until `flush`, which belongs at the end of a round, or
 * until there are many of them; a process that is killed leaves whole rounds and, at most, a last line that is cut off.
 */
export interface RunFolderWriter {
  readonly path: string;
  event(event: Event): void;
  transaction(record: TransactionRecord): void;
  statement(record: StatementRecord): void;
  ballot(record: BallotRecord): void;
  input(record: InputRecord): void;
  round(record: RoundRecord): void;
  /** Resolves to the SHA-256 when the file is there, whole: wait for it before flushing a line that names it. */
  blob(bytes: Uint8Array): Promise<Digest>;
  /** Takes a blob away, such as a model that a newer one replaces. */
  dropBlob(digest: Digest): void;
  summary(summary: Omit<Summary, 'format' | 'version' | 'run'>): void;
  flush(): void;
  /** Flushes, and says that everything so far belongs to rounds before this one: a resumed run goes on from here. */
  checkpoint(nextRound: number, state: Json): void;
  close(): void;
}

export interface OpenOptions {
  /** The folder is that of this run, stopped before its end. What came after its last checkpoint is taken back. */
  readonly resume?: boolean;
}

/**
 * A new folder, or an empty one; with `resume` one that this run was stopped in.
 *
 * @throws Fault `RUN_FOLDER_TAKEN` where something else is there, `RUN_FOLDER_INVALID` for another run or a damaged one
 */
export function openRunFolder(path: string, manifest: Manifest, options: OpenOptions = {}): RunFolderWriter {
  const text = formatManifest(manifest);
  if (options.resume) return new FolderWriter(path, manifest.run, sizesToResume(path, text));
  if (existsSync(path) && !(statSync(path).isDirectory() && readdirSync(path).length === 0))
    throw new Fault('RUN_FOLDER_TAKEN', `${path} is there already, and not empty.`, {
      facts: { path },
      hint: 'Give another folder, resume the run that is in it, or remove it.',
    });
  mkdirSync(join(path, 'blobs'), { recursive: true });
  replaceFile(join(path, manifestFile), text);
  return new FolderWriter(path, manifest.run, {});
}

/** Makes the first folder `NAME-SEED-N` that is free, N from 1; two processes at once get two. */
export function nextRunFolder({ name, seed }: Pick<RunPlan, 'name' | 'seed'>, base = 'runs'): string {
  mkdirSync(base, { recursive: true });
  const stem = `${name}-${seed.replace(/[^\w.-]+/g, '-').slice(0, 32)}`;
  for (let n = 1; ; n++) {
    const path = join(base, `${stem}-${n}`);
    try {
      mkdirSync(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** How much of each file stays: what the last checkpoint says, nothing where there is none. */
function sizesToResume(path: string, manifest: string): Readonly<Record<string, number>> {
  const place = join(path, manifestFile);
  if (!existsSync(place)) throw invalidFolder(place, undefined, 'is not there: there is nothing to resume');
  if (readFileSync(place, 'utf8') !== manifest)
    throw invalidFolder(place, undefined, 'is that of another run, or of another version of the product');
  const isOver = existsSync(join(path, summaryFile));
  if (isOver) {
    const { outcome } = JSON.parse(readFileSync(join(path, summaryFile), 'utf8')) as Partial<Summary>;
    if (outcome !== 'stopped')
      throw new Fault(
        'RUN_FOLDER_TAKEN',
        `The run in ${path} is ${String(outcome)}: nothing is left to resume.`,
        {
          facts: { path, outcome },
          hint: 'Start it anew in another folder.',
        },
      );
    rmSync(join(path, summaryFile));
  }
  const at = parseCheckpoint(path);
  if (!at) return {};
  for (const [file, size] of Object.entries(at.sizes)) {
    const there = statSync(join(path, file), { throwIfNoEntry: false })?.size ?? 0;
    if (there < size)
      throw invalidFolder(
        join(path, file),
        undefined,
        `has ${there} bytes, and had ${size} at the checkpoint`,
      );
  }
  return at.sizes;
}

class FolderWriter implements RunFolderWriter {
  readonly path: string;
  readonly #run: Digest;
  readonly #files: Readonly<Record<GrowingFile, GrowingText>>;
  readonly #blobs = new Map<Digest, Promise<void>>();

  constructor(path: string, run: Digest, sizes: Readonly<Record<string, number>>) {
    this.path = path;
    this.#run = run;
    this.#files = Object.fromEntries(
      growing.map((name) => [name, new GrowingText(join(path, name), sizes[name] ?? 0)]),
    ) as Record<GrowingFile, GrowingText>;
    this.#begin('events.jsonl', formatEventsHeader({ format: 'flobc.events', version: 1, run }));
    this.#begin('rounds.csv', csvHeader);
    this.flush();
  }

  #begin(name: GrowingFile, header: string): void {
    if (this.#files[name].isEmpty) this.#files[name].add(header);
  }

  event(event: Event): void {
    this.#files['events.jsonl'].add(formatEvent(event));
  }

  transaction(record: TransactionRecord): void {
    this.#files['transactions.jsonl'].add(JSON.stringify(z.encode(transaction, record)));
  }

  statement(record: StatementRecord): void {
    this.#files['statements.jsonl'].add(JSON.stringify(z.encode(statement, record)));
  }

  input(record: InputRecord): void {
    this.#files['inputs.jsonl'].add(JSON.stringify(z.encode(input, record)));
  }

  ballot(record: BallotRecord): void {
    this.#files['ballots.jsonl'].add(JSON.stringify(z.encode(ballot, record)));
  }

  round(record: RoundRecord): void {
    this.#files['rounds.jsonl'].add(JSON.stringify(z.encode(round, record)));
    this.#files['rounds.csv'].add(csvLine(record));
  }

  async blob(bytes: Uint8Array): Promise<Digest> {
    const digest: Digest = `0x${createHash('sha256').update(bytes).digest('hex')}`;
    let written = this.#blobs.get(digest);
    if (!written) this.#blobs.set(digest, (written = this.#write(join(this.path, blobFile(digest)), bytes)));
    await written;
    return digest;
  }

  async #write(file: string, bytes: Uint8Array): Promise<void> {
    if (existsSync(file)) return;
    const partial = `${file}.partial`;
    await writeFile(partial, bytes);
    await rename(partial, file);
  }

  dropBlob(digest: Digest): void {
    this.#blobs.delete(digest);
    rmSync(join(this.path, blobFile(digest)), { force: true });
  }

  summary(given: Omit<Summary, 'format' | 'version' | 'run'>): void {
    this.flush();
    const whole = { format: 'flobc.summary', version: 1, run: this.#run, ...given } as const;
    replaceFile(join(this.path, summaryFile), `${JSON.stringify(z.encode(summary, whole), null, 2)}\n`);
  }

  flush(): void {
    for (const name of growing) this.#files[name].flush();
  }

  checkpoint(nextRound: number, state: Json): void {
    this.flush();
    // The sizes may be believed only when the bytes are on the disk.
    for (const name of growing) this.#files[name].sync();
    const sizes = Object.fromEntries(growing.map((name) => [name, this.#files[name].sizeBytes]));
    const whole = { format: 'flobc.checkpoint', version: 1, round: nextRound, sizes, state } as const;
    replaceFile(join(this.path, checkpointFile), `${JSON.stringify(z.encode(checkpoint, whole))}\n`);
  }

  close(): void {
    for (const name of growing) this.#files[name].close();
  }
}
