import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { ActorId, Digest } from '#libs/protocol';
import { subjectsOf } from '#libs/wire';
import { chunkBytes } from './blobs.ts';
import { busFault } from './bus-faults.ts';
import type { NatsLink } from './link.ts';
import { buckets, inletOf, streamOf, streamOfBucket, updatesOf } from './names.ts';
import { untilAnswered } from './publish.ts';

/** What the broker itself keeps to. Sizes in bytes, ages in milliseconds. */
export interface RunLimits {
  /** Of one message of the run: a lineup proposal of 256 receipts is the largest. */
  readonly maxMessageBytes: number;
  /** What is taken in of one sender and kind: so many messages in any time of this length, and no more. */
  readonly intake: { readonly messages: number; readonly withinMs: number };
  /** Messages that are kept of one sender and kind; the oldest goes. */
  readonly maxMessagesPerSubject: number;
  /** Of all messages of the run; the oldest go. */
  readonly maxRunBytes: number;
  readonly maxMessageAgeMs: number;
  /** Sealed updates of one Trainer. */
  readonly updates: BucketLimits;
  readonly models: BucketLimits;
  /** With their receipts: 150 bytes for each update of a round. */
  readonly lineups: BucketLimits;
}

export interface BucketLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** What a full bucket does: refuse the new object, or drop the oldest ones. */
  readonly whenFull: 'refuse' | 'dropOldest';
}

const mebi = 1024 * 1024;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Updates and models are needed for a few rounds; whoever comes late needs lineups back to the first round, so those are
 * never pushed out by new ones.
 */
export const defaultLimits: RunLimits = {
  maxMessageBytes: 64 * 1024,
  // A hundred a second: far above what is needed, so that who repeats himself does not silence himself, far below a flood.
  intake: { messages: 2_048, withinMs: 20_000 },
  maxMessagesPerSubject: 512,
  maxRunBytes: 256 * mebi,
  maxMessageAgeMs: 30 * dayMs,
  updates: { maxBytes: 64 * mebi, maxAgeMs: dayMs, whenFull: 'dropOldest' },
  models: { maxBytes: 512 * mebi, maxAgeMs: 30 * dayMs, whenFull: 'dropOldest' },
  lineups: { maxBytes: 256 * mebi, maxAgeMs: 365 * dayMs, whenFull: 'refuse' },
};

export interface PrepareOptions {
  readonly run: Digest;
  /** Those who have a bucket for their updates. */
  readonly trainers: readonly ActorId[];
  readonly limits?: Partial<RunLimits>;
  /** Servers that keep everything: 3 in a cluster of three. */
  readonly replicas?: 1 | 3;
  readonly patienceMs?: number;
}

/** One object is stored once if it is put again within this time. */
const duplicateWindowMs = 180_000;
/** One message of a bucket: a chunk with its subject and headers, or the record of an object of thousands of chunks. */
const largeBytes = chunkBytes + 16 * 1024;

/**
 * Makes the streams and buckets of a run, or changes them to what is asked for; whatever they hold stays. Needs the
 * credentials of the operator. @throws Fault BUS_UNREACHABLE, BUS_REFUSED
 */
export async function prepareRun(link: NatsLink, options: PrepareOptions): Promise<void> {
  const { run, trainers, replicas = 1, patienceMs = 60_000 } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const streams = [
    inlet(run, limits, replicas),
    runStream(run, limits, replicas),
    bucketStream(buckets.model, limits.models, replicas, largeBytes),
    bucketStream(buckets.lineup, limits.lineups, replicas, largeBytes),
    ...trainers.map((trainer) => bucketStream(updatesOf(trainer), limits.updates, replicas, largeBytes)),
  ];
  for (const stream of streams) {
    try {
      await untilAnswered(link, patienceMs, () => createOrChange(link, stream));
    } catch (error) {
      throw busFault(error, `the stream ${stream.name}`);
    }
  }
}

type Config = Partial<StreamConfig> & { readonly name: string };

async function createOrChange(link: NatsLink, config: Config): Promise<void> {
  const { streams } = link.manager;
  try {
    await streams.add(config);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === nameInUse)) throw error;
    await streams.update(config.name, config);
  }
}

/** JetStream's code for a stream of this name with another configuration. */
const nameInUse = 10_058;

/**
 * A stream that refuses what is too much of a subject, and forgets everything after a while, is a limit of messages in a
 * time, which NATS does not have for users (ADR 87). No limit of all bytes: whoever filled it would silence the others.
 */
const inlet = (run: Digest, { maxMessageBytes, intake }: RunLimits, replicas: 1 | 3): Config => ({
  ...ofMessages(replicas, maxMessageBytes),
  name: inletOf(run),
  subjects: [subjectsOf(run)],
  discard: DiscardPolicy.New,
  discard_new_per_subject: true,
  max_msgs_per_subject: intake.messages,
  max_age: nanos(intake.withinMs),
  // One publish is one message if it is repeated within this time.
  duplicate_window: nanos(intake.withinMs),
});

/**
 * What the inlet has taken. A mirror, not a stream with a source: what is refused for its headers is left out there, and
 * everything after it held up here.
 */
const runStream = (run: Digest, limits: RunLimits, replicas: 1 | 3): Config => ({
  ...ofMessages(replicas, limits.maxMessageBytes),
  name: streamOf(run),
  mirror: { name: inletOf(run) },
  discard: DiscardPolicy.Old,
  max_msgs_per_subject: limits.maxMessagesPerSubject,
  max_bytes: limits.maxRunBytes,
  max_age: nanos(limits.maxMessageAgeMs),
});

const ofMessages = (replicas: 1 | 3, maxMessageBytes: number) => ({
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  num_replicas: replicas,
  max_msg_size: maxMessageBytes,
  // What has been said cannot be unsaid.
  deny_delete: true,
  deny_purge: true,
});

const bucketStream = (
  bucket: string,
  { maxBytes, maxAgeMs, whenFull }: BucketLimits,
  replicas: 1 | 3,
  maxMessageBytes: number,
): Config => ({
  name: streamOfBucket(bucket),
  subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: whenFull === 'refuse' ? DiscardPolicy.New : DiscardPolicy.Old,
  num_replicas: replicas,
  max_msg_size: maxMessageBytes,
  max_bytes: maxBytes,
  max_age: nanos(maxAgeMs),
  duplicate_window: nanos(Math.min(duplicateWindowMs, maxAgeMs)),
  // Without rollups nobody can take away what somebody else has put, under whatever name.
  allow_rollup_hdrs: false,
  allow_direct: true,
});
