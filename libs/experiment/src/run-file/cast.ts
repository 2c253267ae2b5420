import { generator } from '#libs/random';
import type { Path } from '#libs/settings';

/** Who an entry of a list is about: positions, or a number or share of all that is drawn. */
export interface Selection {
  readonly at?: readonly number[] | undefined;
  readonly count?: number | undefined;
  readonly share?: number | undefined;
}

export type Complain = (path: Path, message: string) => void;

/**
 * Gives each entry its positions. Those that are named come first; the others are drawn, entry after entry, from the
 * seed and among those that nobody has. `exclusive`: no position may be named twice.
 */
export function cast(
  entries: readonly Selection[],
  { total, path, seed, exclusive }: { total: number; path: Path; seed: string; exclusive: boolean },
  complain: Complain,
): number[][] {
  const holder = new Map<number, number>();
  for (const [i, entry] of entries.entries()) {
    checkOneOf(entry, [...path, i], complain);
    for (const position of entry.at ?? []) {
      if (position >= total)
        complain([...path, i, 'at'], `position ${position} is not below the count, ${total}`);
      else if (exclusive && holder.has(position) && holder.get(position) !== i)
        complain([...path, i, 'at'], `position ${position} is in entry ${holder.get(position)} already`);
      else holder.set(position, i);
    }
  }
  const order = entries.some(({ at }) => at === undefined)
    ? [
        ...generator(seed)
          .split('positions', ...path)
          .permutation(total),
      ]
    : [];
  const free = order.filter((position) => !holder.has(position));
  return entries.map((entry, i) => {
    if (entry.at) return [...new Set(entry.at)].filter((position) => position < total);
    const wanted = entry.count ?? Math.round((entry.share ?? 0) * total);
    if (wanted > free.length)
      complain([...path, i], `${wanted} are asked for, and of ${total} only ${free.length} are left`);
    return free.splice(0, wanted).sort((a, b) => a - b);
  });
}

function checkOneOf(entry: Selection, path: Path, complain: Complain): void {
  const given = (['at', 'count', 'share'] as const).filter((key) => entry[key] !== undefined);
  if (given.length === 1) return;
  complain(
    path,
    given.length === 0
      ? 'says nobody: give at (positions), count or share'
      : `says ${given.join(' and ')}; one of them is enough`,
  );
}
