import type { Scored } from '#libs/learning';
import { type Entry, type RunState, schemeOf, stalenessWeight, unavailable } from '#libs/protocol';
import type { Copies } from './copies.ts';
import type { DutyOf, ValidatorOptions } from './options.ts';

/** The score of an update that is a copy: as bad as a score can be. */
const copied = -32_767;

/**
 * Scores of a lineup's updates on this Validator's hold-out, in the order of the lineup, the base model's accuracy last
 * where the run scores it.
 */
export async function scoresOf(
  { base: version, entries, round }: DutyOf<'score'>,
  copies: Copies,
  {
    follower,
    opener,
    learner,
    models,
    workshop,
    holdOut,
    aggregator,
    scoring: rule,
    scoresBase,
  }: ValidatorOptions,
): Promise<number[] | null> {
  const { state } = follower;
  const base = await models.newest(state);
  if (base === null || state.version !== version) return null;
  const updates = entries.map(({ intact, receipt }) => (intact ? (opener.get(receipt) ?? null) : null));
  const scored = updates.flatMap((update, i) => (update === null ? [] : [{ update, entry: entries[i]! }]));
  const work = {
    kind: 'scoring',
    samples: holdOut.indices.length * (scored.length + 2),
    parameters: base.values.length,
  } as const;
  // Nobody's update could be opened: all of them are unavailable, and the base is as good as it was.
  if (scored.length === 0) return [...updates.map(() => unavailable), ...(scoresBase ? [unavailable] : [])];
  const scoring = workshop.run(work, async (): Promise<Pick<Scored, 'scores' | 'baseScore'>> =>
    learner.score({
      base,
      updates: scored.map(({ update, entry }) => ({
        key: update.trainer,
        delta: update.delta,
        weight: weightOf(state, entry, version),
        samples: update.samples,
      })),
      aggregator,
      rule,
      holdOut,
    }),
  );
  // While others work at the scores.
  const copying = copies.among(
    round,
    scored.map(({ update }) => update),
  );
  const { scores, baseScore } = await scoring;
  const isCopy = await copying;
  let next = 0;
  const all = updates.map((update) => {
    if (update === null) return unavailable;
    const i = next++;
    return isCopy[i] === true ? copied : scores[i]!;
  });
  return scoresBase ? [...all, baseScore ?? unavailable] : all;
}

/**
 * What an update weighs in the merges that are made for scoring: what its staleness leaves of it, whatever its Trainer's
 * trust. A score says how good an update is; if it also said how much it will count, a Trainer that does harm would look
 * harmless as soon as nobody trusts it (ADR 67).
 */
const weightOf = ({ config }: RunState, { base }: Entry, version: number): number =>
  stalenessWeight(schemeOf(config.scheme).staleness, version - base);
