/** An actor of the network: a 20-byte address, lower-case hexadecimal, so that one actor has one spelling. */
export type ActorId = `0x${string}`;

/** A 32-byte digest, lower-case hexadecimal. */
export type Digest = `0x${string}`;

/** What an actor does in a run. An address holds one role at a time. */
export type Role = 'trainer' | 'validator';

/** Fractions, weights and trusts are integers in billionths: the same on every machine and on chain. */
export const billion = 1_000_000_000;

/** Latest instant that is a date, in ms; with the longest window added it is still a safe integer. */
export const lastInstantMs = 8_640_000_000_000_000;

/** Largest round, sequence, version or size; sums and differences of two stay safe integers. */
const lastCount = 2 ** 48;

const actorForm = /^0x[0-9a-f]{40}$/;
const digestForm = /^0x[0-9a-f]{64}$/;

export const isActor = (value: unknown): value is ActorId =>
  typeof value === 'string' && actorForm.test(value);
export const isDigest = (value: unknown): value is Digest =>
  typeof value === 'string' && digestForm.test(value);
export const isRole = (value: unknown): value is Role => value === 'trainer' || value === 'validator';
export const isCount = (value: unknown): value is number => isInteger(value, 0, lastCount);
export const isInstant = (value: unknown): value is number => isInteger(value, 0, lastInstantMs);
export const isFraction = (value: unknown): value is number => isInteger(value, 0, billion);
export const isWei = (value: unknown): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value < 1n << 128n;

/** True for a safe integer in [min, max]. */
export function isInteger(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
