import { hash } from 'node:crypto';
import {
  type ActorId,
  committee,
  createRun,
  type Digest,
  type Input,
  type InputOf,
  parseConfig,
  type Receipt,
  type Role,
  type RunConfig,
  type RunState,
  type SchemeConfig,
  step,
} from '#libs/protocol';

/** What tests of the protocol build their runs from: names, digests, configurations. */

export const trainerId = (i: number): ActorId => `0x${'7'.padEnd(36, '0')}${String(i).padStart(4, '0')}`;
export const validatorId = (i: number): ActorId => `0x${'a'.padEnd(36, '0')}${String(i).padStart(4, '0')}`;

/** A digest of anything that can be named; real SHA-256, so that different things differ. */
export function digestOf(...parts: (string | number)[]): Digest {
  return `0x${hash('sha256', parts.join('|'), 'hex')}`;
}

export const run = digestOf('run');

export const schemes: Readonly<Record<SchemeConfig['kind'], object>> = {
  bsp: { kind: 'bsp', periodMs: 10_000 },
  ssp: { kind: 'ssp', periodMs: 10_000, maxStaleness: 2 },
  bap: { kind: 'bap', maxWaitMs: 20_000, updatesPerRound: 3 },
  buffered: { kind: 'buffered', capacity: 4, maxWaitMs: 20_000, updatesPerRound: 3 },
};

export const windows = {
  gatheringMs: 60_000,
  lineupMs: 4_000,
  openingMs: 4_000,
  commitMs: 4_000,
  revealMs: 4_000,
  settlementMs: 4_000,
  maxPauseMs: 60_000,
};

/** A configuration that parses; throws where the test is wrong. */
export function configOf(fields: object): RunConfig {
  const parsed = parseConfig({ run, scheme: schemes.bsp, windows, ...fields });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

export const joinOf = (role: Role, actor: ActorId, number: number, bondWei: bigint): InputOf<'join'> => ({
  kind: 'join',
  atMs: 0,
  actor,
  role,
  number,
  bondWei,
});

/** The inputs that fund a run and let members with the given bonds join. */
export function gathering(trainers: number, bondsWei: readonly bigint[]): Input[] {
  return [
    { kind: 'fund', atMs: 0 },
    ...Array.from({ length: trainers }, (_, i) => joinOf('trainer', trainerId(i), i + 1, 100n)),
    ...bondsWei.map((bondWei, i) => joinOf('validator', validatorId(i), trainers + i + 1, bondWei)),
  ];
}

/** The state after the ledger has opened the next round, with the committee as a follower would have seated it. */
export function withOpenRound(state: RunState): RunState {
  const { rounds: round, nowMs: atMs } = state;
  return step(state, { kind: 'open', round, committee: committee(state, round), atMs }).state;
}

/** A run in its first round. */
export function openRun(fields: object, trainers: number, bondsWei: readonly bigint[]): RunState {
  const config = configOf({ minTrainers: trainers, minValidators: bondsWei.length, ...fields });
  const gathered = gathering(trainers, bondsWei).reduce(
    (state, input) => step(state, input).state,
    createRun(config, 0),
  );
  return withOpenRound(gathered);
}

export function receiptOf(trainer: ActorId, sequence: number, base: number, variant = 0): Receipt {
  const name = (what: string) => digestOf(what, trainer, sequence, base, variant);
  return {
    trainer,
    sequence,
    base,
    sealed: name('sealed'),
    plain: name('plain'),
    sizeBytes: 1000,
    digest: name('receipt'),
  };
}
