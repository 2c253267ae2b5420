import type { Evaluation } from '#libs/learning';
import {
  type ActorId,
  type Entry,
  type Event,
  type EventOf,
  type Outcome,
  type RunState,
} from '#libs/protocol';
import type { RoundRecord } from './observer.ts';

/** Figures of the world that grow from round to round; a record holds what one round added. */
export interface Meters {
  readonly gas: number;
  readonly messageBytes: number;
  readonly blobBytes: number;
  /** Real milliseconds. */
  readonly training: number;
  readonly scoring: number;
  readonly merging: number;
  readonly testing: number;
  readonly chain: number;
}

interface Draft {
  readonly round: number;
  readonly version: number;
  readonly openedMs: number;
  readonly openedReal: number;
  readonly before: Meters;
  entries: readonly Entry[];
  readonly scores: Map<ActorId, readonly number[]>;
}

/** A round that is over, before its model has been tested. */
export type Untested = Omit<RoundRecord, 'accuracy' | 'loss' | 'attack' | 'perClass'>;

/** Makes a record of every round out of what an observer sees. */
export class Recorder {
  readonly #meters: () => Meters;
  readonly #createdMs: number;
  #draft: Draft | null = null;

  constructor(createdMs: number, meters: () => Meters) {
    this.#createdMs = createdMs;
    this.#meters = meters;
  }

  /** The rounds that have come to their end with these events; hardly ever more than one. */
  see(events: readonly Event[], state: RunState): Untested[] {
    const ended: Untested[] = [];
    for (const event of events) {
      this.#note(event);
      const done = this.#end(event, events, state);
      if (done !== null) ended.push(done);
    }
    return ended;
  }

  #note(event: Event): void {
    if (event.kind === 'roundOpened') this.#draft = this.#open(event);
    if (this.#draft === null) return;
    if (event.kind === 'lineupPlaced') this.#draft.entries = event.entries;
    if (event.kind === 'ballotRevealed') this.#draft.scores.set(event.validator, event.scores);
  }

  #open({ round, version, atMs }: EventOf<'roundOpened'>): Draft {
    return {
      round,
      version,
      openedMs: atMs - this.#createdMs,
      openedReal: performance.now(),
      before: this.#meters(),
      entries: [],
      scores: new Map(),
    };
  }

  #end(event: Event, events: readonly Event[], state: RunState): Untested | null {
    if (event.kind !== 'roundSettled' && event.kind !== 'roundVoided') return null;
    const draft = this.#draft;
    if (draft?.round !== event.round) return null;
    this.#draft = null;
    const now = this.#meters();
    const spent = (key: keyof Meters) => (now[key] - draft.before[key]) / 1000;
    const outcome = event.kind === 'roundSettled' ? event.outcome : null;
    const released = events.some(({ kind }) => kind === 'modelReleased');
    return {
      round: draft.round,
      result: outcome === null ? 'void' : released ? 'released' : 'settled',
      version: state.version,
      openedMs: draft.openedMs,
      endedMs: event.atMs - this.#createdMs,
      verdicts: outcome === null ? [] : verdictsOf(outcome, draft),
      trusts: outcome?.trusts ?? [],
      penalties: outcome?.penalties.map(({ actor, amountWei }) => ({ actor, amountWei })) ?? [],
      agreement: outcome === null ? [] : agreementOf(outcome, draft),
      gas: now.gas - draft.before.gas,
      messageBytes: now.messageBytes - draft.before.messageBytes,
      blobBytes: now.blobBytes - draft.before.blobBytes,
      real: {
        wall: (performance.now() - draft.openedReal) / 1000,
        training: spent('training'),
        scoring: spent('scoring'),
        merging: spent('merging'),
        testing: spent('testing'),
        chain: spent('chain'),
      },
    };
  }
}

export const tested = (
  round: Untested,
  evaluation: (Evaluation & { readonly attack?: number | null }) | null,
): RoundRecord => ({
  ...round,
  accuracy: evaluation?.accuracy ?? null,
  loss: evaluation?.loss ?? null,
  attack: evaluation?.attack ?? null,
  perClass: evaluation?.perClass ?? [],
});

function verdictsOf({ verdicts, rewards }: Outcome, { entries, version }: Draft): RoundRecord['verdicts'] {
  const rewardsWei = new Map(rewards.map(({ actor, amountWei }) => [actor, amountWei]));
  return verdicts.map(({ accepted, tally }, i) => {
    const { trainer, base } = entries[i]!;
    return {
      trainer,
      accepted,
      tally: tally === 'unavailable' ? null : tally,
      staleness: version - base,
      rewardWei: rewardsWei.get(trainer) ?? 0n,
    };
  });
}

function agreementOf({ verdicts }: Outcome, { scores }: Draft): RoundRecord['agreement'] {
  return [...scores].map(([validator, own]) => {
    const distances = verdicts.flatMap(({ tally }, i) =>
      tally === 'unavailable' || own[i] === undefined ? [] : [Math.abs(own[i] - tally)],
    );
    const sum = distances.reduce((total, distance) => total + distance, 0);
    return { validator, distanceBp: distances.length === 0 ? 0 : sum / distances.length };
  });
}
