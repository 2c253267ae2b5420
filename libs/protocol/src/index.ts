export { clockOf } from './clock.ts';
export { committee, proposer } from './committee.ts';
export type { Quorum, RunConfig, SchemeConfig, Staleness, Windows } from './config.ts';
export { duties, trainingDuty } from './duties.ts';
export type { Addressee, Duty, Effect, MergeEntry, PhaseName } from './effects.ts';
export { type Candidates, drawn, drawOf, type Election, type Seat } from './election.ts';
export type { Event, EventKind, EventOf, VoidReason } from './events.ts';
export { type ActorId, billion, type Digest, isActor, isDigest, type Role } from './ids.ts';
export { type Input, type InputKind, type InputOf, isInput } from './inputs.ts';
export { type Held, type Membership, type Receipt, type Trainer, usable, type Validator } from './members.ts';
export { parseConfig, type ParsedConfig, type Problem } from './parse-config.ts';
export { isQuorum } from './quorum.ts';
export type { Ratio } from './ratio.ts';
export { replay } from './reduce/apply.ts';
export { type RejectionCode, rejections } from './rejections.ts';
export { stalenessWeight } from './staleness.ts';
export { canOpen, membershipOf } from './roster.ts';
export {
  accountOf,
  type Certified,
  createRun,
  deadline,
  type Entry,
  entryKey,
  type Lineup,
  openRound,
  type Outcome,
  type Penalty,
  type Phase,
  type Proposal,
  type Round,
  type RunState,
  type Stage,
  type Verdict,
} from './state.ts';
export { isEquivocation, type Slot, slotKey, type Statement } from './statements.ts';
export { schemeOf } from './schemes/index.ts';
export { step, type Step } from './step.ts';
export { entriesOf, find, sizeOf, type Table, valuesOf } from './table.ts';
export { type Ballot, isScore, tallies, type Tally, unavailable } from './tally.ts';
export { type Waiting, whoIsWaitedFor } from './waiting.ts';
