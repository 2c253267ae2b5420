import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFault } from '#libs/fault';
import { type Digest, type Event, isDigest } from '#libs/protocol';
import {
  type Manifest,
  maxLineChars,
  parseEvent,
  parseEventsHeader,
  parseManifest,
  type Read,
} from '#libs/wire';
import { z } from 'zod';
import { configurationDigest } from '../plan/canonical.ts';
import { parsePlan } from '../plan/parse.ts';
import type { RunPlan } from '../run-plan.ts';
import { csvHeader, csvLine } from './csv.ts';
import { invalidFolder } from './faults.ts';
import { blobFile, checkpointFile, growing, type GrowingFile, manifestFile, summaryFile } from './layout.ts';
import {
  ballot,
  type BallotRecord,
  checkpoint,
  type Checkpoint,
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

/** A run folder, read strictly: every line is what the product writes. Whether it is true is not checked here. */
export interface RunFolder {
  readonly path: string;
  readonly manifest: Manifest;
  readonly plan: RunPlan;
  readonly events: readonly Event[];
  readonly transactions: readonly TransactionRecord[];
  readonly statements: readonly StatementRecord[];
  readonly ballots: readonly BallotRecord[];
  readonly inputs: readonly InputRecord[];
  readonly rounds: readonly RoundRecord[];
  /** Absent where the run was killed. */
  readonly summary?: Summary;
  readonly checkpoint?: Checkpoint;
  /** Digests of the blobs that were kept. */
  readonly blobs: ReadonlySet<Digest>;
  /** The bytes of a blob, checked against its digest; undefined where it was not kept. @throws Fault `RUN_FOLDER_INVALID` */
  blob(digest: Digest): Promise<Uint8Array | undefined>;
  /** What was left out: last lines that are cut off. */
  readonly notes: readonly string[];
}

/** @throws Fault `RUN_FOLDER_INVALID` that names the file and the line */
export async function readRunFolder(path: string): Promise<RunFolder> {
  const { manifest, plan } = readManifest(path);
  const notes: string[] = [];
  const lines = (name: GrowingFile) => linesOf(path, name, notes);
  const records = async <T>(name: GrowingFile, schema: z.ZodType<T>): Promise<T[]> => {
    const file = join(path, name);
    return (await lines(name)).map((line, i) => parseRecord(file, i + 1, line, schema));
  };
  const events = readEvents(path, manifest, await lines('events.jsonl'));
  const rounds = await records('rounds.jsonl', round);
  checkCsv(path, rounds, await lines('rounds.csv'));
  const ended = readWhole(path, summaryFile, summary);
  const checkpointed = parseCheckpoint(path);
  const blobs = await blobsOf(path);
  return {
    path,
    manifest,
    plan,
    events,
    transactions: await records('transactions.jsonl', transaction),
    statements: await records('statements.jsonl', statement),
    ballots: await records('ballots.jsonl', ballot),
    inputs: await records('inputs.jsonl', input),
    rounds,
    ...(ended && { summary: checkRun(join(path, summaryFile), ended, manifest) }),
    ...(checkpointed && { checkpoint: checkpointed }),
    blobs,
    blob: (digest) => (blobs.has(digest) ? readBlob(path, digest) : Promise.resolve(undefined)),
    notes,
  };
}

/** The manifest and the plan in it; the digest of the one is in the other. */
export function readManifest(path: string): { manifest: Manifest; plan: RunPlan } {
  const file = join(path, manifestFile);
  const text = readText(file);
  if (text === undefined) throw invalidFolder(file, undefined, 'is not there: this is no run folder');
  const manifest = valueOf(parseManifest(text), file, undefined);
  let plan: RunPlan;
  try {
    plan = parsePlan(manifest.configuration);
  } catch (fault) {
    if (!isFault(fault)) throw fault;
    throw invalidFolder(file, undefined, `holds a configuration that is none: ${fault.message}`);
  }
  const digest = configurationDigest(plan);
  if (digest !== manifest.run)
    throw invalidFolder(
      file,
      undefined,
      `is of the run ${manifest.run}, and its configuration is of ${digest}`,
    );
  if (plan.seed !== manifest.seed)
    throw invalidFolder(file, undefined, `has the seed ${manifest.seed}, and its configuration ${plan.seed}`);
  return { manifest, plan };
}

export function parseCheckpoint(path: string): Checkpoint | undefined {
  const read = readWhole(path, checkpointFile, checkpoint);
  const unknown = Object.keys(read?.sizes ?? {}).find((name) => !growing.includes(name as GrowingFile));
  if (unknown === undefined) return read;
  throw invalidFolder(
    join(path, checkpointFile),
    undefined,
    `has the size of ${unknown}, which is no file of a run`,
  );
}

function readText(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined;
}

/** The lines of a file. A last one without its end was being written when the process was killed: it is left out. */
async function linesOf(path: string, name: GrowingFile, notes: string[]): Promise<string[]> {
  const file = join(path, name);
  if (!existsSync(file)) return [];
  const lines: string[] = [];
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const parts = (rest + (chunk as string)).split('\n');
    rest = parts.pop()!;
    for (const part of parts) lines.push(part);
    if (rest.length > maxLineChars)
      throw invalidFolder(file, lines.length + 1, `is longer than ${maxLineChars} characters`);
  }
  if (rest !== '') notes.push(`${file}:${lines.length + 1} is cut off, and left out`);
  return lines;
}

function readEvents(path: string, { run }: Manifest, lines: readonly string[]): Event[] {
  const file = join(path, 'events.jsonl');
  const [first, ...rest] = lines;
  if (first === undefined) return [];
  const header = valueOf(parseEventsHeader(first), file, 1);
  if (header.run !== run)
    throw invalidFolder(file, 1, `is of the run ${header.run}, and the folder of ${run}`);
  return rest.map((line, i) => valueOf(parseEvent(line), file, i + 2));
}

function checkCsv(path: string, rounds: readonly RoundRecord[], lines: readonly string[]): void {
  const expected = [csvHeader, ...rounds.map(csvLine)];
  // It is written after rounds.jsonl, and may be behind by what was not flushed.
  const wrong = lines.findIndex((line, i) => line !== expected[i]);
  if (wrong !== -1) throw invalidFolder(join(path, 'rounds.csv'), wrong + 1, 'is not what rounds.jsonl says');
}

function valueOf<T>(read: Read<T>, file: string, line: number | undefined): T {
  if (read.kind === 'read') return read.value;
  throw invalidFolder(file, line, `cannot be read: ${read.reason}`);
}

function parseRecord<T>(file: string, line: number | undefined, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidFolder(file, line, 'cannot be read: it is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    throw invalidFolder(file, line, `cannot be read: ${problems.join('; ')}`);
  }
  // One value has one spelling, so that two folders can be compared byte by byte.
  const spelt = JSON.stringify(z.encode(schema, parsed.data), null, line === undefined ? 2 : undefined);
  if (line !== undefined && spelt !== text)
    throw invalidFolder(file, line, 'cannot be read: it has another spelling');
  return parsed.data;
}

function readWhole<T>(path: string, name: string, schema: z.ZodType<T>): T | undefined {
  const file = join(path, name);
  const text = readText(file);
  return text === undefined ? undefined : parseRecord(file, undefined, text, schema);
}

function checkRun(file: string, ended: Summary, { run }: Manifest): Summary {
  if (ended.run !== run)
    throw invalidFolder(file, undefined, `is of the run ${ended.run}, and the folder of ${run}`);
  return ended;
}

async function blobsOf(path: string): Promise<Set<Digest>> {
  const folder = join(path, 'blobs');
  if (!existsSync(folder)) return new Set();
  const digests = (await readdir(folder))
    .filter((name) => !name.endsWith('.partial'))
    .map((name) => {
      const digest: Digest = `0x${name}`;
      if (!isDigest(digest))
        throw invalidFolder(join(folder, name), undefined, 'is no blob: its name is no SHA-256');
      return digest;
    });
  return new Set(digests);
}

async function readBlob(path: string, digest: Digest): Promise<Uint8Array> {
  const file = join(path, blobFile(digest));
  const bytes = await readFile(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (`0x${found}` !== digest)
    throw invalidFolder(file, undefined, `is not what its name says: its SHA-256 is ${found}`);
  return bytes;
}
