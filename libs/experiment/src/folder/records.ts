import { type ActorId, type Digest, type Input, isActor, isDigest, isInput, isScore } from '#libs/protocol';
import type { Hex } from '#libs/wire';
import { z } from 'zod';

// The lines of a run folder that are not events: one JSON object a line, keys in the order in which they are declared here,
// amounts of tokens and gas as decimal text. docs/run-folder.md describes each for people who read them otherwise.

const count = z
  .int()
  .min(0)
  .max(2 ** 48);
const digest = z.custom<Digest>(isDigest, { error: 'expected 32 bytes in lower-case hexadecimal' });
const actor = z.custom<ActorId>(isActor, { error: 'expected an address in lower-case hexadecimal' });
const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x(?:[0-9a-f]{2})+$/.test(value), {
  error: 'expected bytes in lower-case hexadecimal',
});
const amount = z.codec(
  z.string().regex(/^(?:0|[1-9]\d{0,77})$/, { error: 'expected decimal digits' }),
  z.bigint().min(0n),
  {
    decode: (text) => BigInt(text),
    encode: (value) => value.toString(),
  },
);

/** A transaction as it was signed, and what came of it, in the order of the chain. */
export const transaction = z.strictObject({
  raw: hex,
  hash: digest,
  block: count,
  /** Block time, in Unix seconds. */
  timeSeconds: count,
  status: z.enum(['done', 'reverted']),
  gasUsed: amount,
});

/** A signed message, as it went over the bus, and the instant at which it was first seen. */
export const statement = z.strictObject({ atMs: count, bytes: hex });

/** Fields in wei are text, because JSON's numbers end at 2^53; the protocol says whether what is left is an input. */
const spelled = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)),
  ) as unknown;
const understood = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    key.endsWith('Wei') && typeof part === 'string' && /^\d{1,78}$/.test(part) ? BigInt(part) : part,
  ) as unknown;

const told = z.codec(z.unknown(), z.custom<Input>(isInput, { error: 'expected an input of the protocol' }), {
  decode: (value) => understood(value) as Input,
  encode: spelled,
});

/** What the observer of the run was told, and who vouches for it: the events follow from these lines alone. */
export const input = z.strictObject({
  origin: z.enum(['ledger', 'statement', 'work', 'clock']),
  input: told,
});

/** What a Validator measured in a round, whether it revealed it or not. Scores in the order of the lineup. */
export const ballot = z.strictObject({
  round: count,
  validator: actor,
  scores: z.array(z.custom<number>(isScore, { error: 'expected a score' })),
  salt: digest,
});

const share = z.number().min(0).max(1);
/**
 * A loss as it is written down. A model that has been driven out of all bounds has one that is no number any more: then the largest
 * that there is.
 */
export const recordedLoss = (loss: number): number => (Number.isFinite(loss) ? loss : Number.MAX_VALUE);

/** What the evaluator measured on the test set. No accuracy in a regression. */
const measured = {
  loss: z.number(),
  accuracy: share.nullable(),
  /** How often each class was named: a row of the confusion that tells what a model has seen. */
  predicted: z.array(count).optional(),
  /** Share of the attacked test set on which an attack has its way, where there is one that teaches the model something. */
  attack: share.optional(),
};

/** A round when it is over. */
export const round = z.strictObject({
  round: count,
  outcome: z.enum(['released', 'settled', 'void']),
  /** Virtual in a simulation, real elsewhere: when it was opened and when it was over. */
  fromMs: count,
  toMs: count,
  /** The newest released model; null where there is nothing to test on. */
  test: z.strictObject(measured).nullable(),
  /** Models of single Trainers, where the run has them measured. */
  locals: z.array(z.strictObject({ trainer: count, ...measured })),
  verdicts: z.strictObject({ accepted: count, refused: count, unavailable: count }),
  /** Of all transactions of the round. */
  gasUsed: amount,
  /** What went over the network in the round. */
  messageBytes: count,
  blobBytes: count,
  /** Real seconds by what they were spent on. */
  seconds: z.record(z.string(), z.number().min(0)),
});

/** What came out of it: the last thing that is written. */
export const summary = z.strictObject({
  format: z.literal('flobc.summary'),
  version: z.literal(1),
  run: digest,
  /** `stopped`: ended from outside, and can be resumed. */
  outcome: z.enum(['finished', 'halted', 'stopped']),
  rounds: z.strictObject({ released: count, settled: count, void: count }),
  last: z.strictObject(measured).nullable(),
  best: z.strictObject({ round: count, accuracy: share }).nullable(),
  /** Of the newest released model. */
  model: digest.nullable(),
  /** Of the chain after the last transaction. */
  stateRoot: digest.nullable(),
  virtualMs: count,
  seconds: z.number().min(0),
  gasUsed: amount,
  messageBytes: count,
  blobBytes: count,
  actors: z.array(
    z.strictObject({
      site: z.string(),
      id: actor.nullable(),
      behaviour: z.string(),
      /** In billionths; null for Validators and where there is no trust. */
      trust: count.nullable(),
      bondWei: amount,
      rewardWei: amount,
      penaltyWei: amount,
      accepted: count,
      refused: count,
    }),
  ),
});

/** Where a run that was stopped goes on: how much of each file belongs to rounds that are over. */
export const checkpoint = z.strictObject({
  format: z.literal('flobc.checkpoint'),
  version: z.literal(1),
  /** The next round. */
  round: count,
  sizes: z.record(z.string(), count),
  /** What the engine wants back; large things are blobs. */
  state: z.unknown(),
});

export type TransactionRecord = z.output<typeof transaction>;
export type StatementRecord = z.output<typeof statement>;
export type InputRecord = z.output<typeof input>;
export type BallotRecord = z.output<typeof ballot>;
export type RoundRecord = z.output<typeof round>;
export type Summary = z.output<typeof summary>;
export type Checkpoint = z.output<typeof checkpoint>;
