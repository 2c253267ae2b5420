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

type SaidOf<Kind extends Said['kind']> = Extract<Said, { kind: Kind }>;

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
  if (phase.kind === 'reveal' && isEnough(state, stage.round, phase.ballots))
    return [settling(state, round, atMs)];
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
    : closed(state, dueMs + 1).map((said) => ({ ...said, atMs: dueMs + 1 }));
}

/** The ledger of one run: what it lets stand, and what follows from it. */
export class Chain {
  #missed = new Set<ActorId>();
  readonly #missedBefore = new Map<number, ReadonlySet<ActorId>>();
  #committed = new Set<ActorId>();
  #revealed = new Set<ActorId>();

  /** The facts that a transaction makes, in their order; none if it is refused. */
  accept(state: RunState, said: Said, sender: ActorId | null, atMs: number): Said[] {
    if (said.kind === 'open') return opened(state);
    const isVote =
      said.kind === 'lineup' ||
      said.kind === 'commit' ||
      said.kind === 'reveal' ||
      said.kind === 'settlement';
    if (!isVote) return [said];
    const round = openRound(state);
    if (round?.number !== said.round || atMs > endOf(state, round)) return [];
    if (said.kind === 'lineup') return this.#lineup(state, round, said, atMs);
    if (said.kind === 'commit') return this.#commit(state, round, said, atMs);
    if (said.kind === 'reveal') return this.#reveal(state, round, said, atMs);
    return this.#settle(state, round, said, sender, atMs);
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

  #lineup({ config }: RunState, { number: round, phase }: Round, said: Said, atMs: number): Said[] {
    if (phase.kind !== 'training' && phase.kind !== 'lineup') return [];
    const { openingMs, commitMs } = config.windows;
    return [said, { kind: 'deadline', round, phase: 'commit', dueMs: atMs + openingMs + commitMs }];
  }

  #commit(
    { config }: RunState,
    { number: round, phase, committee: seats }: Round,
    said: SaidOf<'commit'>,
    atMs: number,
  ): Said[] {
    if (phase.kind !== 'opening' && phase.kind !== 'commit') return [];
    if (this.#committed.has(said.validator)) return [];
    if (this.#committed.size + 1 < seats.length) return [said];
    return [said, { kind: 'deadline', round, phase: 'reveal', dueMs: atMs + config.windows.revealMs }];
  }

  #reveal(state: RunState, { number, phase }: Round, said: SaidOf<'reveal'>, atMs: number): Said[] {
    if (phase.kind !== 'reveal' || this.#revealed.has(said.validator)) return [];
    if (this.#revealed.size + 1 < this.#committed.size) return [said];
    return [said, settling(state, number, atMs)];
  }

  #settle(
    state: RunState,
    round: Round,
    said: SaidOf<'settlement'>,
    sender: ActorId | null,
    atMs: number,
  ): Said[] {
    const { phase, number } = round;
    if (phase.kind !== 'reveal' && phase.kind !== 'settlement') return [];
    const isRevealing = phase.kind === 'reveal';
    const attempt = isRevealing ? 0 : turnOf(state, endOf(state, round), atMs);
    const isAnybodys = attempt === state.config.maxProposers;
    if (!isAnybodys && (sender !== proposer(state, number, attempt) || said.model === null)) return [];
    // In the reveal phase a settlement brings the ballots with it.
    const { entries } = phase.lineup;
    const brought = [...this.#committed].filter((id) => isRevealing && !this.#revealed.has(id));
    const acted = isRevealing ? this.#committed : this.#revealed;
    return [
      ...brought.map((validator): Said => {
        const scores = ballotOf(validator, entries);
        return { kind: 'reveal', round: number, validator, scores };
      }),
      said,
      ...this.#suspensions(state, round, acted),
    ];
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
