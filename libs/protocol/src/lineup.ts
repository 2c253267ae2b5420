import { shuffled } from './election.ts';
import { type Held, type Receipt, type Trainer, usable } from './members.ts';
import { schemeOf } from './schemes/index.ts';
import { type Entry, entryKey, type Round, type RunState } from './state.ts';
import { find, type Table, valuesOf } from './table.ts';

/**
 * The lineup that the receipts held now make: a function of the set of receipts, not of the order in which they came.
 * Ascending by Trainer and sequence. Where there are more than fit, those from older versions come first, then as the
 * round's draw has it, so that no address is always left out.
 */
export function lineupOf(state: RunState, round: Round): Entry[] {
  const { takes } = schemeOf(state.config.scheme);
  const held = valuesOf(state.trainers)
    .filter((trainer) => trainer.jailedUntilRound <= round.number)
    .flatMap((trainer) => (takes === 'newest' ? usable(trainer).slice(-1) : usable(trainer)));
  return fitting(held, state.config.maxLineup, round).map(({ receipt }) => ({
    trainer: receipt.trainer,
    sequence: receipt.sequence,
    base: receipt.base,
    receipt: receipt.digest,
  }));
}

function fitting(held: readonly Held[], most: number, round: Round): readonly Held[] {
  if (held.length <= most) return held;
  const byAge = shuffled(held, round.draw).sort((a, b) => a.receipt.base - b.receipt.base);
  const chosen = new Set(byAge.slice(0, most));
  return held.filter((one) => chosen.has(one));
}

/** True if the entries can be a lineup at all: not empty, not too long, strictly ascending. */
export function isOrdered(entries: readonly Entry[], most: number): boolean {
  const ascends = (a: Entry, b: Entry) =>
    a.trainer < b.trainer || (a.trainer === b.trainer && a.sequence < b.sequence);
  return (
    entries.length > 0 &&
    entries.length <= most &&
    entries.every((entry, i) => i === 0 || ascends(entries[i - 1]!, entry))
  );
}

/** True if every entry is a receipt held here, word for word. */
export function isKnown(trainers: Table<Trainer>, entries: readonly Entry[]): boolean {
  return entries.every(({ trainer, sequence, base, receipt }) => {
    const held = find(trainers, trainer)?.unused.find((one) => one.receipt.sequence === sequence);
    return held?.receipt.digest === receipt && held.receipt.base === base;
  });
}

/**
 * Receipts that were here when the training phase closed and that a proposed lineup leaves out. A newer one of the same
 * Trainer stands for an older where only the newest counts; one that has been spoiled since is not missed; and a full
 * lineup has left out what did not fit.
 */
export function missingFrom(
  state: RunState,
  required: readonly Entry[],
  proposed: readonly Entry[],
): Receipt[] {
  if (proposed.length >= state.config.maxLineup) return [];
  const newest = schemeOf(state.config.scheme).takes === 'newest';
  const keyOf = ({ trainer, sequence }: Entry) => (newest ? trainer : entryKey(trainer, sequence));
  const present = new Map(proposed.map((entry) => [keyOf(entry), entry.sequence]));
  return required
    .filter((entry) => (present.get(keyOf(entry)) ?? -1) < entry.sequence)
    .flatMap(({ trainer, receipt }) =>
      usable(find(state.trainers, trainer))
        .map((held) => held.receipt)
        .filter(({ digest }) => digest === receipt),
    );
}
