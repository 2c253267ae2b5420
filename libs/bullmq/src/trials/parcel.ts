import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { Fault } from '#libs/fault';
import { keptMs, names, type Parcel } from './records.ts';

/** Of all files of a trial, before they are packed. */
export const mostParcelBytes = 256 << 20;
const partBytes = 4 << 20;
/** Between two parts, and until it is handed in: what a worker that was killed has left is gone after that. */
const sendingMs = 600_000;

/** Puts the files of a folder into Redis: a list of packed parts, file after file. @throws Fault RESULTS_INVALID: too large */
export async function sendParcel(redis: Redis, sweep: string, folder: string): Promise<Parcel> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  if (totalBytes > mostParcelBytes) throw tooLarge(totalBytes);
  const parcelToken = randomBytes(16).toString('hex');
  const list = names.parcel(sweep, parcelToken);
  const files: Parcel['files'] = [];
  for (const name of paths) files.push({ name, ...(await sendFile(redis, list, join(folder, name))) });
  await redis.hset(names.sizes(sweep), parcelToken, totalBytes);
  return { token: parcelToken, files };
}

async function sendFile(
  redis: Redis,
  list: string,
  path: string,
): Promise<{ sizeBytes: number; digest: `0x${string}` }> {
  const file = await open(path);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(partBytes), 0, partBytes);
      if (bytesRead === 0) break;
      const part = buffer.subarray(0, bytesRead);
      hash.update(part);
      sizeBytes += bytesRead;
      await redis
        .multi()
        .rpush(list, await promisify(gzip)(part))
        .pexpire(list, sendingMs)
        .exec();
    }
  } finally {
    await file.close();
  }
  return { sizeBytes, digest: `0x${hash.digest('hex')}` };
}

/**
 * Writes the files of a parcel into a folder.
 *
 * @param isKnown Whether a file of this name is one of a trial's.
 * @throws Fault RESULTS_INVALID
 */
export async function receiveParcel(
  redis: Redis,
  sweep: string,
  { token, files }: Parcel,
  folder: string,
  isKnown: (name: string) => boolean,
): Promise<void> {
  const list = names.parcel(sweep, token);
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (totalBytes > mostParcelBytes) throw tooLarge(totalBytes);
  if (new Set(files.map(({ name }) => name)).size < files.length) throw damaged('names a file twice');
  let at = 0;
  for (const { name, sizeBytes, digest } of files) {
    if (!isKnown(name)) throw damaged(`has ${name}, which is no file of a trial`);
    const place = join(folder, name);
    mkdirSync(dirname(place), { recursive: true });
    const file = await open(place, 'wx');
    const hash = createHash('sha256');
    try {
      for (let done = 0; done < sizeBytes; at++) {
        const part = await unpacked(await redis.lindexBuffer(list, at));
        done += part.length;
        if (part.length === 0 || done > sizeBytes) throw damaged(`has another size of ${name}`);
        hash.update(part);
        await file.writeFile(part);
      }
    } finally {
      await file.close();
    }
    if (`0x${hash.digest('hex')}` !== digest) throw damaged(`has another content of ${name}`);
  }
}

/** One that has been handed in waits until it is taken. */
export async function keepParcel(redis: Redis, sweep: string, { token }: Parcel): Promise<void> {
  await redis.pexpire(names.parcel(sweep, token), keptMs);
}

/** Bytes that wait in Redis. */
export async function waitingBytes(redis: Redis, sweep: string): Promise<number> {
  const sizes = Object.entries(await redis.hgetall(names.sizes(sweep)));
  const there = await Promise.all(
    sizes.map(async ([token, size]) => {
      if ((await redis.exists(names.parcel(sweep, token))) === 1) return Number(size);
      await redis.hdel(names.sizes(sweep), token);
      return 0;
    }),
  );
  return there.reduce((sum, size) => sum + size, 0);
}

export async function dropParcel(redis: Redis, sweep: string, { token }: Parcel): Promise<void> {
  await redis.multi().del(names.parcel(sweep, token)).hdel(names.sizes(sweep), token).exec();
}

async function unpacked(part: Buffer | null): Promise<Buffer> {
  if (part === null) throw damaged('is not all there any more');
  try {
    return await promisify(gunzip)(part, { maxOutputLength: partBytes });
  } catch (cause) {
    throw damaged(`cannot be unpacked: ${(cause as Error).message}`);
  }
}

const damaged = (problem: string): Fault =>
  new Fault('RESULTS_INVALID', `What a worker sent ${problem}.`, {
    hint: 'Look who else writes to this Redis; the trial can be run again.',
  });

const tooLarge = (sizeBytes: number): Fault =>
  new Fault(
    'RESULTS_INVALID',
    `The files of the trial have ${Math.ceil(sizeBytes / 1e6)} MB, and at most ${Math.floor(mostParcelBytes / 1e6)} go through Redis.`,
    {
      facts: { sizeBytes, mostParcelBytes },
      hint: 'Keep fewer: keep: { updates: false, models: last }; or run it without --workers.',
    },
  );
