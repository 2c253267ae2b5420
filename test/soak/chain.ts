import {
  type ActorId,
  canOpen,
  clockOf,
  committee,
  deadline,
  find,
  type Input,
  isQuorum,
  openRound,
  proposer,
  type Round,
  type RunState,
  type Table,
} from '#libs/protocol';
import { ballotOf, type Said } from './honest.ts';

// What the contracts do about a run, in short: `contracts/src/ledger`. The protocol follows; it is decided here.

/** What the ledger says when somebody opens the next round; nothing if it cannot open. */
export function opened(state: RunState): Said[] {
  const { stage, rounds: round } = state;
  if (stage.kind !== 'gathering' || !canOpen(state)) return [];
  // Followers take the seats as they come: here, the other way round than they would have put them.
  return [{ kind: 'open', round, committee: [...committee(state, round)].reverse() }];
}

/** What the ledger says when somebody closes the phase that it is in, after its deadline. */
export function closed(state: RunState, atMs: number): Said[] {
  const { stage, config } = state;
  if (stage.kind === 'paused') return [{ kind: 'ended', how: 'finished' }];
  if (stage.kind === 'gathering') return canOpen(state) ? opened(state) : voided(state, state.rounds);
  if (stage.kind !== 'round') return [];
  const { number: round, phase } = stage.round;
  if (phase.kind === 'commit' && isEnough(state, stage.round, phase.commitments))
    return [{ kind: 'deadline', round, phase: 'reveal', dueMs: atMs + config.windows.revealMs }];
  if (phase.kind === 'reveal' && isEnough(state, stage.round, phase.ballots)) return [settling(state, round, atMs)];
  return voided(state, round);
}

function voided({ config, voidRounds }: RunState, round: number): Said[] {
  const isLast = voidRounds + 1 >= config.maxVoidRounds;
  return [{ kind: 'void', round }, ...(isLast ? [{ kind: 'ended', how: 'halted' } as const] : [])];
}

function settling({ config }: RunState, round: number, atMs: number): Said {
  const dueMs = atMs + (config.maxProposers + 1) * config.windows.settlementMs;
  return { kind: 'deadline', round, phase: 'settlement', dueMs };
}

const isEnough = ({ config }: RunState, round: Round, done: Table<unknown>): boolean =>
  isQuorum(config.quorum, round.committee, ({ id }) => find(done, id) !== undefined);

/** What happens at a state's deadline if nobody does anything but close what is overdue. */
export function overdue(state: RunState): Input[] {
  const dueMs = deadline(state);
  if (dueMs === null) return [];
  const isOwn = clockOf(state) === 'own' || state.stage.kind === 'created';
  // The ledger calls a phase overdue when its deadline has passed.
  return isOwn
    ? [{ kind: 'time', atMs: dueMs }]
    : closed(state, dueMs + 1).map((said) => ({ ...said, atMs: dueMs + 1 }) as Input);
}

/** The ledger of one run: what it lets stand, and what follows from it. */
export class Chain {
  #missed = new Set<ActorId>();
  readonly #missedBefore = new Map<number, ReadonlySet<ActorId>>();
  #committed = new Set<ActorId>();
  #revealed = new Set<ActorId>();

  /** The facts that a transaction makes, in their order; none if it is refused. */
  accept(state: RunState, said: Said, sender: ActorId | null, atMs: number): Said[] {
    switch (said.kind) {
      case 'open':
        return opened(state);
      case 'lineup':
      case 'commit':
      case 'reveal':
      case 'settlement': {
        const round = openRound(state);
        return round?.number === said.round && atMs <= endOf(state, round)
          ? this.#vote(state, round, said, sender, atMs)
          : [];
      }
      default:
        return [said];
    }
  }

  /** Somebody closes what is overdue. */
  close(state: RunState, atMs: number): Said[] {
    const facts = closed(state, atMs);
    const round = openRound(state);
    if (round === null || facts[0]?.kind !== 'void') return facts;
    const { kind } = round.phase;
    const acted = kind === 'commit' ? this.#committed : kind === 'lineup' ? null : this.#revealed;
    return [...facts.slice(0, 1), ...this.#suspensions(state, round, acted), ...facts.slice(1)];
  }

  /** A fact stands. */
  note(said: Said): void {
    if (said.kind === 'commit') this.#committed.add(said.validator);
    if (said.kind === 'reveal') this.#revealed.add(said.validator);
    if (said.kind !== 'open') return;
    this.#missedBefore.set(said.round, new Set(this.#missed));
    this.#begin();
  }

  /** Takes back everything since the opening of a round. */
  takeBack(round: number): void {
    this.#missed = new Set(this.#missedBefore.get(round));
    this.#begin();
  }

  #begin(): void {
    this.#committed = new Set();
    this.#revealed = new Set();
  }

  #vote(state: RunState, round: Round, said: Said, sender: ActorId | null, atMs: number): Said[] {
    const { number, phase, committee: seats } = round;
    const { windows } = state.config;
    switch (said.kind) {
      case 'lineup':
        if (phase.kind !== 'training' && phase.kind !== 'lineup') return [];
        return [
          said,
          {
            kind: 'deadline',
            round: number,
            phase: 'commit',
            dueMs: atMs + windows.openingMs + windows.commitMs,
          },
        ];
      case 'commit':
        if (phase.kind !== 'opening' && phase.kind !== 'commit') return [];
        if (this.#committed.has(said.validator)) return [];
        if (this.#committed.size + 1 < seats.length) return [said];
        return [said, { kind: 'deadline', round: number, phase: 'reveal', dueMs: atMs + windows.revealMs }];
      case 'reveal':
        if (phase.kind !== 'reveal' || this.#revealed.has(said.validator)) return [];
        if (this.#revealed.size + 1 < this.#committed.size) return [said];
        return [said, settling(state, number, atMs)];
      case 'settlement': {
        if (phase.kind !== 'reveal' && phase.kind !== 'settlement') return [];
        const attempt = phase.kind === 'reveal' ? 0 : turnOf(state, endOf(state, round), atMs);
        const isAnybodys = attempt === state.config.maxProposers;
        if (!isAnybodys && (sender !== proposer(state, number, attempt) || said.model === null)) return [];
        // In the reveal phase a settlement brings the ballots with it.
        const { entries } = phase.lineup;
        const brought = [...this.#committed]
          .filter((id) => !this.#revealed.has(id))
          .map((id): Said => ({
            kind: 'reveal',
            round: number,
            validator: id,
            scores: ballotOf(id, entries),
          }));
        const acted = phase.kind === 'reveal' ? this.#committed : this.#revealed;
        return [
          ...(phase.kind === 'reveal' ? brought : []),
          said,
          ...this.#suspensions(state, round, acted),
        ];
      }
      default:
        return [];
    }
  }

  /** Who missed the round, and the one before it, votes no more until it checks in. */
  #suspensions(state: RunState, { committee: seats }: Round, acted: ReadonlySet<ActorId> | null): Said[] {
    if (acted === null) return [];
    const missed = seats.map(({ id }) => id).filter((id) => !acted.has(id));
    const twice = missed.filter((id) => this.#missed.has(id));
    for (const { id } of seats) this.#missed.delete(id);
    for (const id of missed) if (!twice.includes(id)) this.#missed.add(id);
    return twice
      .filter((actor) => find(state.validators, actor)?.active === true)
      .map((actor) => ({ kind: 'suspend', actor }));
  }
}

/** When the ledger's phase ends; it knows no training and no opening. */
function endOf({ config }: RunState, { phase, lineupByMs }: Round): number {
  const { commitMs, settlementMs } = config.windows;
  switch (phase.kind) {
    case 'training':
    case 'lineup':
      return lineupByMs;
    case 'opening':
      return phase.dueMs + commitMs;
    case 'commit':
    case 'reveal':
      return phase.dueMs;
    case 'settlement':
      return phase.dueMs + (config.maxProposers - phase.attempt) * settlementMs;
  }
}

/** How many proposers have let their time pass. */
function turnOf({ config }: RunState, endMs: number, atMs: number): number {
  const left = Math.floor((endMs - atMs) / config.windows.settlementMs);
  return left < config.maxProposers ? config.maxProposers - left : 0;
}
