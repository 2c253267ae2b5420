import {
  type ActorId,
  type Duty,
  type Entry,
  type Input,
  type Outcome,
  find,
  openRound,
  type Receipt,
  type RunState,
  slotKey,
  type Tally,
} from '#libs/protocol';
import { digestOf, receiptOf } from './cast.ts';

/** An input before it has an instant: a statement on its way to everybody, or a transaction on its way to the ledger. */
export type Said = Input extends infer One ? (One extends Input ? Omit<One, 'atMs'> : never) : never;

/** Where what an actor does becomes known: to the others by the bus, to all by the ledger, or to nobody else. */
export interface Deed {
  readonly by: 'bus' | 'ledger' | 'self';
  readonly said: Said;
  /** Receipts of a proposed lineup: whoever has not seen them yet learns of them with the proposal. */
  readonly receipts?: readonly Receipt[];
  /** Only if it is still due then. */
  readonly afterMs?: number;
}

/** What an honest actor has written down before it sent it, by slot. It outlives a crash; the follower's state need not. */
export type Journal = Map<string, Said>;

/** Says what is written in the slot; if nothing is, writes it down first. */
function once(journal: Journal, key: string, said: Said): Said {
  const written = journal.get(key) ?? said;
  journal.set(key, written);
  return written;
}

const scoreOf = (validator: ActorId, entry: Entry): number =>
  (Number.parseInt(digestOf('score', validator, entry.receipt).slice(2, 6), 16) % 400) - 100;

export const ballotOf = (validator: ActorId, entries: readonly Entry[]): number[] =>
  entries.map((entry) => scoreOf(validator, entry));

/** What an honest actor does about a duty of its own. */
export function carryOut(duty: Duty, actor: ActorId, journal: Journal, state: RunState): Deed[] {
  const { round } = duty;
  switch (duty.kind) {
    case 'openRound':
      // Who sits in the committee is for the ledger to say.
      return [{ by: 'ledger', said: { kind: 'open', round, committee: [] } }];
    case 'startTraining': {
      const sequence = journal.size;
      const receipt = receiptOf(actor, sequence, duty.base);
      const slot = slotKey({ kind: 'receipt', sequence });
      return [{ by: 'bus', said: once(journal, slot, { kind: 'receipt', receipt }) }];
    }
    case 'proposeLineup': {
      const { attempt, parent, entries } = duty;
      const lineup = digestOf('lineup', ...entries.map(({ receipt }) => receipt));
      const slot = slotKey({ kind: 'lineup', round, attempt, parent });
      const said = once(journal, slot, {
        kind: 'proposal',
        round,
        attempt,
        parent,
        proposer: actor,
        lineup,
        entries,
      });
      return [{ by: 'bus', said, receipts: receiptsOf(state, entries) }];
    }
    case 'signLineup': {
      const { attempt, parent, lineup } = duty;
      const slot = slotKey({ kind: 'lineup', round, attempt, parent });
      return [
        {
          by: 'bus',
          said: once(journal, slot, {
            kind: 'lineupSignature',
            round,
            attempt,
            parent,
            validator: actor,
            lineup,
          }),
        },
      ];
    }
    case 'placeLineup':
      return [{ by: 'ledger', said: { kind: 'lineup', round, lineup: duty.lineup, entries: duty.entries } }];
    case 'publishKey':
      return [
        { by: 'bus', said: { kind: 'opened', round, trainer: actor, sequence: duty.sequence, intact: true } },
      ];
    case 'score':
      return [{ by: 'self', said: { kind: 'scored', round, validator: actor } }];
    case 'commitBallot':
      return [
        {
          by: 'ledger',
          said: {
            kind: 'commit',
            round,
            validator: actor,
            commitment: digestOf('commit', actor, duty.lineup),
          },
        },
      ];
    case 'revealBallot': {
      const said: Said = {
        kind: 'reveal',
        round,
        validator: actor,
        scores: ballotOf(actor, entriesOf(state)),
      };
      // Whoever proposes the settlement can bring all ballots to the ledger; in time one's own goes there all the same.
      return [
        { by: 'bus', said },
        { by: 'ledger', said, afterMs: state.config.windows.revealMs / 2 },
      ];
    }
    case 'previewSettlement': {
      const outcome = outcomeOf(state, duty.tallies);
      return [
        { by: 'self', said: { kind: 'preview', round, outcome, parent: parentOf(state, duty.tallies) } },
      ];
    }
    case 'merge': {
      const model = digestOf(
        'model',
        duty.base,
        ...duty.entries.map(({ receipt, weight }) => `${receipt}${weight}`),
      );
      return [{ by: 'self', said: { kind: 'merged', round, validator: actor, model } }];
    }
    case 'signCertificate': {
      const { parent, model } = duty;
      const slot = slotKey({ kind: 'certificate', round, attempt: 0, parent });
      return [
        {
          by: 'bus',
          said: once(journal, slot, { kind: 'certificateSignature', round, parent, validator: actor, model }),
        },
      ];
    }
    case 'settle': {
      const { certified, tallies } = duty;
      const model = certified?.model ?? null;
      return [
        { by: 'ledger', said: { kind: 'settlement', round, outcome: outcomeOf(state, tallies), model } },
      ];
    }
  }
}

function receiptsOf(state: RunState, entries: readonly Entry[]): Receipt[] {
  return entries.flatMap(({ trainer, receipt }) =>
    (find(state.trainers, trainer)?.unused ?? [])
      .map((held) => held.receipt)
      .filter(({ digest }) => digest === receipt),
  );
}

function entriesOf(state: RunState): readonly Entry[] {
  const phase = openRound(state)?.phase;
  return phase !== undefined && 'lineup' in phase ? phase.lineup.entries : [];
}

const parentOf = (state: RunState, tallies: readonly Tally[]) =>
  digestOf('preview', ...entriesOf(state).map(({ receipt }) => receipt), ...tallies);

/** Stands in for the policy contract: accepts what helps, trusts whom it accepts, and moves no money. */
export function outcomeOf(state: RunState, tallies: readonly Tally[]): Outcome {
  const verdicts = tallies.map((tally) => {
    const accepted = tally !== 'unavailable' && tally >= -50;
    return { accepted, tally, weight: accepted ? 500_000_000 : 0 };
  });
  const trusts = entriesOf(state).map(({ trainer }, i) => ({
    trainer,
    trust: verdicts[i]?.accepted === true ? 600_000_000 : 400_000_000,
  }));
  return { verdicts, trusts, rewards: [], penalties: [] };
}
