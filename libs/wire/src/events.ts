import { isActor, isDigest, rejections } from '#libs/protocol';
import type { ActorId, Digest, InputKind, RejectionCode } from '#libs/protocol';
import { z } from 'zod';
import { count, readonly, role, score } from './fields.ts';

// The protocol's events as JSON has them: left what a line of the event log says, right the event. They differ in nothing
// but tokens, which JSON has no numbers for. That schemas and types agree, TypeScript proves: events.spec.ts.

const hex = <T extends string>(is: (value: unknown) => boolean, expected: string) =>
  z.custom<T>((value) => is(value), { error: `expected ${expected}` });

const actor = hex<ActorId>(isActor, 'an address in lower-case hexadecimal');
const digest = hex<Digest>(isDigest, '32 bytes in lower-case hexadecimal');

/** Tokens, in wei, as decimal digits: JSON's numbers end at 2^53. */
const wei = z.codec(
  z.string().regex(/^(?:0|[1-9]\d{0,38})$/, { error: 'expected wei in decimal digits' }),
  z
    .bigint()
    .min(0n)
    .max(2n ** 128n - 1n),
  { decode: (text) => BigInt(text), encode: (amount) => amount.toString() },
);

/** ECMAScript's last instant that is a date, in ms. */
const instant = z.int().min(0).max(8_640_000_000_000_000);

/** In billionths. */
const fraction = z.int().min(0).max(1_000_000_000);

const list = <T extends z.ZodType>(element: T) => readonly(z.array(element));

const tally = z.union([score, z.literal('unavailable')]);
const seat = z.strictObject({ id: actor, bondWei: wei });
const entry = z.strictObject({ trainer: actor, sequence: count, base: count, receipt: digest });
const receipt = z.strictObject({
  trainer: actor,
  sequence: count,
  base: count,
  sealed: digest,
  plain: digest,
  sizeBytes: count,
  digest,
});
const outcome = z.strictObject({
  verdicts: list(z.strictObject({ accepted: z.boolean(), tally, weight: fraction })),
  trusts: list(z.strictObject({ trainer: actor, trust: fraction })),
  rewards: list(z.strictObject({ actor, amountWei: wei })),
  penalties: list(z.strictObject({ actor, amountWei: wei, jailedUntilRound: count })),
});
const slot = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('receipt'), sequence: count }),
  z.strictObject({ kind: z.enum(['lineup', 'certificate']), round: count, attempt: count, parent: digest }),
]);

const rejectionCodes = Object.keys(rejections) as [RejectionCode, ...RejectionCode[]];

/** Every kind of input; a kind that the protocol does not know, or one that is missing here, does not compile. */
const inputKinds = {
  time: true,
  fund: true,
  join: true,
  leave: true,
  suspend: true,
  checkIn: true,
  bond: true,
  pause: true,
  resume: true,
  finish: true,
  ended: true,
  open: true,
  lineup: true,
  commit: true,
  reveal: true,
  preview: true,
  settlement: true,
  void: true,
  deadline: true,
  receipt: true,
  proposal: true,
  lineupSignature: true,
  certificateSignature: true,
  opened: true,
  scored: true,
  merged: true,
} as const satisfies Record<InputKind, true>;

/** An event of one kind, or of several that say the same. */
const of = <const K extends string, S extends z.core.$ZodLooseShape>(kind: K | readonly K[], shape: S) =>
  z.strictObject({
    kind: z.enum((typeof kind === 'string' ? [kind] : kind) as [K, ...K[]]),
    ...shape,
    atMs: instant,
  });

const ofRound = <const K extends string, S extends z.core.$ZodLooseShape>(kind: K, shape: S) =>
  of(kind, { round: count, ...shape });

const phases = ['training', 'lineup', 'opening', 'commit', 'reveal', 'settlement'] as const;

/** One event of `libs/protocol`. */
export const event = z.discriminatedUnion('kind', [
  of(['runFunded', 'gatheringOpened', 'runPaused'], { dueMs: instant }),
  of('runFinished', { reason: z.enum(['asked', 'allRounds', 'ledger']) }),
  of('runHalted', { reason: z.enum(['notFunded', 'tooManyVoidRounds', 'ledger']) }),
  of(['pauseAsked', 'resumeAsked', 'finishAsked'], {}),
  of('joinAsked', { actor, role, number: count, bondWei: wei }),
  of(['leaveAsked', 'memberSuspended', 'checkedIn'], { actor }),
  of('bondChanged', { actor, bondWei: wei }),
  of('membersChanged', {
    joined: list(actor),
    left: list(actor),
    becameActive: list(actor),
    becameInactive: list(actor),
  }),
  ofRound('roundOpened', {
    version: count,
    dueMs: instant,
    lineupByMs: instant,
    draw: digest,
    committee: list(seat),
    sampled: list(actor).nullable(),
  }),
  ofRound('receiptAccepted', { receipt }),
  ofRound('trainingExtended', { dueMs: instant }),
  ofRound('phaseOpened', {
    phase: z.enum(['lineup', 'commit', 'reveal', 'settlement']),
    attempt: count,
    dueMs: instant,
    because: z.enum(['complete', 'deadline']),
  }),
  ofRound('deadlineMoved', {
    phase: z.enum(phases),
    attempt: count,
    dueMs: instant,
    lineupByMs: instant,
  }),
  ofRound('lineupProposed', { attempt: count, proposer: actor, lineup: digest, entries: list(entry) }),
  ofRound('lineupSigned', { attempt: count, validator: actor, lineup: digest }),
  ofRound('lineupPlaced', { lineup: digest, entries: list(entry), dueMs: instant }),
  ofRound('updateOpened', { trainer: actor, sequence: count, intact: z.boolean() }),
  ofRound('updatesScored', { validator: actor }),
  ofRound('ballotCommitted', { validator: actor, commitment: digest }),
  ofRound('ballotRevealed', { validator: actor, scores: list(score) }),
  ofRound('ballotsTallied', { tallies: list(tally) }),
  ofRound('settlementPreviewed', { parent: digest, outcome }),
  ofRound('updatesMerged', { validator: actor, model: digest }),
  ofRound('certificateSigned', { validator: actor, model: digest }),
  ofRound('modelCertified', { model: digest, signers: list(actor) }),
  ofRound('roundSettled', { outcome, released: z.boolean() }),
  ofRound('modelReleased', { version: count, model: digest }),
  ofRound('roundVoided', {
    reason: z.enum([
      'tooFewMembers',
      'noReceipts',
      'noLineup',
      'tooFewCommits',
      'tooFewReveals',
      'notSettled',
    ]),
  }),
  of('equivocationFound', { actor, slot, first: digest, second: digest }),
  of('inputRejected', {
    code: z.enum(rejectionCodes),
    input: z.enum(Object.keys(inputKinds) as [InputKind, ...InputKind[]]).nullable(),
    actor: actor.nullable(),
  }),
]);
