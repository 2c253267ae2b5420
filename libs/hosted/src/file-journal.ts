import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '#libs/fault';
import type { Journal } from '#libs/ports';

/** An entry: lengths of key and bytes, the first bytes of the SHA-256 of both, key, bytes. */
const headBytes = 4 + 4 + 8;

interface Writing {
  readonly record: Uint8Array;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A journal in one file that only grows. What many wait for at once is written together and made durable once; an entry
 * that was cut off when the node was killed is taken off the end when the file is opened again.
 */
export class FileJournal implements Journal {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #entries: Map<string, Uint8Array>;
  readonly #durable = new Map<string, Promise<void>>();
  #waiting: Writing[] = [];
  #writing: Promise<void> | null = null;

  /** @throws Fault JOURNAL_IN_USE if a process that is alive has it: two nodes with one key would contradict each other. */
  static async open(path: string): Promise<FileJournal> {
    mkdirSync(dirname(path), { recursive: true });
    lock(path);
    const { entries, wholeBytes } = read(path);
    if (existsSync(path)) truncateSync(path, wholeBytes);
    return new FileJournal(path, await open(path, 'a'), entries);
  }

  private constructor(path: string, file: FileHandle, entries: Map<string, Uint8Array>) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  get(key: string): Uint8Array | undefined {
    return this.#entries.get(key)?.slice();
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.#entries.has(key)) return this.#durable.get(key) ?? Promise.resolve();
    this.#entries.set(key, bytes.slice());
    const durable = new Promise<void>((done, failed) => {
      this.#waiting.push({ record: recordOf(key, bytes), done, failed });
    }).finally(() => this.#durable.delete(key));
    this.#durable.set(key, durable);
    this.#writing ??= this.#write();
    return durable;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
    rmSync(lockOf(this.#path), { force: true });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const together = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.appendFile(Buffer.concat(together.map(({ record }) => record)));
        await this.#file.datasync();
        for (const { done } of together) done();
      } catch (error) {
        for (const { failed } of together) failed(error);
      }
    }
    this.#writing = null;
  }
}

function recordOf(key: string, bytes: Uint8Array): Uint8Array {
  const name = Buffer.from(key);
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(name.length, 0);
  head.writeUInt32LE(bytes.length, 4);
  checkOf(name, bytes).copy(head, 8);
  return Buffer.concat([head, name, bytes]);
}

const checkOf = (name: Uint8Array, bytes: Uint8Array): Buffer =>
  createHash('sha256').update(name).update(bytes).digest().subarray(0, 8);

function read(path: string): { entries: Map<string, Uint8Array>; wholeBytes: number } {
  const entries = new Map<string, Uint8Array>();
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  let at = 0;
  while (at + headBytes <= content.length) {
    const nameEnd = at + headBytes + content.readUInt32LE(at);
    const end = nameEnd + content.readUInt32LE(at + 4);
    if (end > content.length) break;
    const name = content.subarray(at + headBytes, nameEnd);
    const bytes = content.subarray(nameEnd, end);
    if (!checkOf(name, bytes).equals(content.subarray(at + 8, at + headBytes))) break;
    const key = name.toString();
    if (!entries.has(key)) entries.set(key, new Uint8Array(bytes));
    at = end;
  }
  return { entries, wholeBytes: at };
}

const lockOf = (path: string): string => `${path}.lock`;

function lock(path: string): void {
  for (;;) {
    try {
      writeFileSync(lockOf(path), `${process.pid} ${beginningOf(process.pid)}`, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const [holder, began = ''] = readFileSync(lockOf(path), 'utf8').split(' ');
      if (isAlive(Number(holder), began)) throw inUse(path, Number(holder));
      rmSync(lockOf(path), { force: true });
    }
  }
}

/** Another process, and the one that has written its number: in containers the same few numbers come again and again. */
function isAlive(pid: number, began: string): boolean {
  if (pid === process.pid || !(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return beginningOf(pid) === began;
}

/** When a process began, in ticks since the machine did; empty where the system does not say. */
function beginningOf(pid: number): string {
  try {
    // Behind the name, which is in brackets and may hold anything: the 22nd field, the 20th from there.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
  } catch {
    return '';
  }
}

const inUse = (path: string, holder: number): Fault =>
  new Fault('JOURNAL_IN_USE', `${path} is the journal of process ${holder}, which is running.`, {
    facts: { path, holder },
    hint: 'One node has one journal: end that process, or give this node a folder of its own.',
  });
