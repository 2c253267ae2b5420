export interface HostileOptions {
  /** How many hostile updates a round may hold: the f of the papers, an integer >= 0. */
  readonly hostile: number;
}

/** One sentence, if `hostile` is no count or a round of `n` updates is smaller than what the rule needs for it. */
export function hostileProblem(
  name: string,
  hostile: number,
  n: number,
  needed: number,
  formula: string,
): string | undefined {
  if (!Number.isSafeInteger(hostile) || hostile < 0) return `${name}: hostile has to be an integer >= 0`;
  if (n >= needed) return undefined;
  return `${name} needs at least ${needed} updates (n >= ${formula} with f = ${hostile}), this round has ${n}`;
}
