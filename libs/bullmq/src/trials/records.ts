import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';

// What coordinator and workers of a sweep tell each other through Redis. Whoever can write there can write anything: all of
// it is read through these schemas.

/** Without control characters: it is shown on terminals. */
const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u);
const digest = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as `0x${string}`);
const token = z.string().regex(/^[0-9a-f]{32}$/);
const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const share = z.number().min(0).max(1);

/** What has to be the same for results to be the same. */
export const build = z.strictObject({
  commit: line(80).nullable(),
  /** SHA-256 of the product's sources. */
  sources: digest,
  node: line(40),
  platform: line(40),
});

/** What trials need besides the product, and does not travel. */
export const needs = z.strictObject({
  /** Datasets by name. */
  datasets: z.array(line(40)).max(20),
  /** Files as the run file names them. */
  files: z.array(z.strictObject({ path: line(1000), digest })).max(10_000),
});

/** A sweep that wants workers. */
export const sweepOffer = z.strictObject({
  version: z.literal(1),
  name: line(64),
  host: line(255),
  build,
  needs,
});

/** A worker that is there, and the sweeps that it does not work for. */
export const workerCard = z.strictObject({
  name: line(64),
  parallel: z.int().min(1).max(1024),
  build,
  refuses: z.array(z.strictObject({ sweep: token, why: line(1000) })).max(20),
});

export const trialOrder = z.strictObject({
  title: line(400),
  /** As JSON; `parsePlan` reads it. */
  plan: z.unknown(),
  /** A policy of the user's own, compiled; null: one of the product's. */
  policy: z
    .strictObject({
      name: line(200),
      creationCode: z
        .string()
        .max(400_000)
        .regex(/^0x(?:[0-9a-f]{2})+$/)
        .transform((text) => text as `0x${string}`),
    })
    .nullable(),
  commit: line(80).nullable(),
});

export const trialProgress = z.strictObject({
  worker: line(64),
  round: z.int().min(0).nullable(),
  accuracy: share.nullable(),
});

/** The files of a trial, as they lie in Redis. */
export const parcel = z.strictObject({
  token,
  files: z
    .array(
      z.strictObject({
        // Of a folder or of one below it; no name begins with a dot.
        name: z.string().regex(/^(?:\w[\w-]{0,63}\/)?\w[\w.-]{0,127}$/),
        sizeBytes: z.int().min(0),
        digest,
      }),
    )
    .max(20_000),
});

/** Stacks are long. */
export const mostMessageChars = 20_000;

export const trialOutcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ended'),
    worker: line(64),
    seconds: amount,
    accuracy: share.nullable(),
    memoryBytes: amount,
    parcel,
  }),
  z.strictObject({
    kind: z.literal('failed'),
    worker: line(64),
    code: z.string().regex(/^[A-Z_]{1,64}$/),
    message: z
      .string()
      .max(mostMessageChars)
      .transform((text) => text.replace(/(?!\n)\p{Cc}/gu, ' ')),
  }),
]);

export type Build = z.output<typeof build>;
export type Needs = z.output<typeof needs>;
export type SweepOffer = z.output<typeof sweepOffer>;
export type WorkerCard = z.output<typeof workerCard>;
export type TrialOrder = z.output<typeof trialOrder>;
export type TrialProgress = z.output<typeof trialProgress>;
export type Parcel = z.output<typeof parcel>;
export type TrialOutcome = z.output<typeof trialOutcome>;

/** Undefined where it is none. */
export function readJson<T>(schema: z.ZodType<T>, text: string | null): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

// A plan with a thousand Trainers has 100 kB, and is a few when packed: a sweep has hundreds of them.
const packedData = z.strictObject({ packed: z.string().max(8 << 20) });
const mostOrderBytes = 64 << 20;

export type PackedOrder = z.output<typeof packedData>;

export const packOrder = async (order: TrialOrder): Promise<PackedOrder> => ({
  packed: (await promisify(gzip)(JSON.stringify(order))).toString('base64'),
});

/** Undefined where it is none. */
export async function unpackOrder(data: unknown): Promise<TrialOrder | undefined> {
  const { packed } = packedData.safeParse(data).data ?? {};
  if (packed === undefined) return undefined;
  try {
    const bytes = Buffer.from(packed, 'base64');
    const text = (await promisify(gunzip)(bytes, { maxOutputLength: mostOrderBytes })).toString();
    return readJson(trialOrder, text);
  } catch {
    return undefined;
  }
}

/** How long Redis keeps what is for a coordinator that does not come back. */
export const keptMs = 24 * 3_600_000;

export const isSweepId = (text: string): boolean => token.safeParse(text).success;

/** Names in Redis. A sweep is called by a token, a trial by the digest of its plan without 0x. */
export const names = {
  sweeps: 'flobc-sweeps',
  offer: (sweep: string) => `flobc-sweep-${sweep}`,
  /** BullMQ's. */
  queue: (sweep: string) => `flobc-trials-${sweep}`,
  /** Bytes of results that have not been taken, by parcel. */
  sizes: (sweep: string) => `flobc-sizes-${sweep}`,
  parcel: (sweep: string, parcelToken: string) => `flobc-parcel-${sweep}-${parcelToken}`,
  workers: 'flobc-workers',
  worker: (id: string) => `flobc-worker-${id}`,
} as const;
