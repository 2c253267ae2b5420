import { shuffled } from './election.ts';
import { candidateOf, isHeldBack, type Receipt, type Trainer } from './members.ts';
import { paceOf } from './reduce/round.ts';
import type { Entry, Round, RunState } from './state.ts';
import { find, type Table, valuesOf } from './table.ts';

/**
 * The lineup that the receipts held now make: a function of the set of receipts, not of the order in which they came. Of
 * each Trainer its newest that counts, ascending by account number. Where there are more than fit, those from older versions come
 * first, then as the round's draw has it, so that nobody is always left out.
 */
export function lineupOf(state: RunState, round: Round): Entry[] {
  const pace = paceOf(state.config, round);
  const held = valuesOf(state.trainers)
    .sort((a, b) => a.number - b.number)
    .flatMap((trainer) => candidateOf(trainer, pace) ?? []);
  return fitting(held, state.config.maxLineup, round).map(({ trainer, sequence, base, digest }) => ({
    trainer,
    sequence,
    base,
    receipt: digest,
  }));
}

function fitting(held: readonly Receipt[], most: number, round: Round): readonly Receipt[] {
  if (held.length <= most) return held;
  const byAge = shuffled(held, round.draw).sort((a, b) => a.base - b.base);
  const chosen = new Set(byAge.slice(0, most));
  return held.filter((one) => chosen.has(one));
}

/** True if the entries can be a lineup at all: not empty, not too long, of members, strictly ascending by their numbers. */
export function isOrdered(trainers: Table<Trainer>, entries: readonly Entry[], most: number): boolean {
  let last = 0;
  for (const { trainer } of entries) {
    const number = find(trainers, trainer)?.number ?? 0;
    if (number <= last) return false;
    last = number;
  }
  return entries.length > 0 && entries.length <= most;
}

/** True if every entry is a receipt held here, word for word. */
export function isKnown(trainers: Table<Trainer>, entries: readonly Entry[]): boolean {
  return entries.every(({ trainer, sequence, base, receipt }) => {
    const held = find(trainers, trainer)?.unused.find((one) => one.receipt.sequence === sequence);
    return held?.receipt.digest === receipt && held.receipt.base === base;
  });
}

/** True if an entry is of a Trainer that has to wait for slower ones. */
export function isTooFarAhead(
  { config, trainers }: RunState,
  round: Round,
  entries: readonly Entry[],
): boolean {
  const pace = paceOf(config, round);
  return entries.some(({ trainer: id, base }) => {
    const trainer = find(trainers, id);
    return trainer !== undefined && isHeldBack(trainer, base, pace);
  });
}

/**
 * Receipts that were here when the training phase closed and that a proposed lineup leaves out. A newer one of the same
 * Trainer stands for an older; one that has been spoiled since is not missed; and a full lineup has left out what did not
 * fit.
 */
export function missingFrom(
  state: RunState,
  required: readonly Entry[],
  proposed: readonly Entry[],
): Receipt[] {
  if (proposed.length >= state.config.maxLineup) return [];
  const present = new Map(proposed.map(({ trainer, sequence }) => [trainer, sequence]));
  return required
    .filter(({ trainer, sequence }) => (present.get(trainer) ?? -1) < sequence)
    .flatMap(({ trainer, receipt }) => heldReceipt(find(state.trainers, trainer), receipt) ?? []);
}

const heldReceipt = (trainer: Trainer | undefined, digest: string): Receipt | undefined =>
  trainer?.unused.find(({ receipt, spoiled }) => !spoiled && receipt.digest === digest)?.receipt;
