import type { RunFolder } from '#libs/experiment';
import { decode, type Parameters } from '#libs/learning';
import { type MergedUpdate, mergeUpdates, releasedBytes } from '#libs/node';
import {
  type Digest,
  type Entry,
  type Outcome,
  type RunState,
  schemeOf,
  stalenessWeight,
} from '#libs/protocol';
import { DifferenceFound, differs } from '../difference.ts';
import type { Updates } from './updates.ts';
import type { AskWorkbench } from './workbench.ts';

/** An update that counts, with what the policy and its staleness make it weigh, in billionths. */
interface Weighed extends Pick<Entry, 'trainer' | 'sequence' | 'receipt'> {
  readonly weight: number;
  readonly stale: number;
}

/** A model that was released, and what it has to be the merge of. */
export interface Release {
  readonly round: number;
  readonly model: Digest;
  /** The model before; version 0 is made from the seed. */
  readonly base: { readonly version: number; readonly model: Digest };
  readonly accepted: readonly Weighed[];
}

/** What a settlement released. @param before The state in which the round was settled. */
export function releaseOf(
  before: RunState,
  { round, model }: { readonly round: number; readonly model: Digest },
  entries: readonly Entry[],
  { verdicts }: Outcome,
): Release {
  const { staleness } = schemeOf(before.config.scheme);
  const accepted = entries.flatMap(({ trainer, sequence, receipt, base }, i): Weighed[] => {
    const verdict = verdicts[i]!;
    if (!verdict.accepted) return [];
    const stale = stalenessWeight(staleness, before.version - base);
    return [{ trainer, sequence, receipt, weight: verdict.weight, stale }];
  });
  return { round, model, base: { version: before.version, model: before.release }, accepted };
}

export interface MergeCounts {
  readonly recomputed: number;
  /** For want of an update or of the model before. */
  readonly missing: number;
}

/** Merges once more whatever can be, and holds it against what was released. */
export class Merges {
  readonly #folder: RunFolder;
  readonly #updates: Updates;
  readonly #workbench: AskWorkbench;
  /** The last that was recomputed: it was released, so it is the next one's base even where no model was kept. */
  #last: { readonly model: Digest; readonly parameters: Parameters } | null = null;

  constructor(folder: RunFolder, updates: Updates, workbench: AskWorkbench) {
    this.#folder = folder;
    this.#updates = updates;
    this.#workbench = workbench;
  }

  /** False where it cannot be recomputed. @throws DifferenceFound if another model was released */
  async check({ round, model, base, accepted }: Release): Promise<boolean> {
    const updates = await this.#updatesOf(round, accepted);
    const before = updates === null ? null : await this.#modelAt(base);
    if (before === null || updates === null) return false;
    const after = mergeUpdates(before, this.#folder.plan.learning.aggregator, updates);
    const { digest } = releasedBytes(after);
    if (digest !== model) {
      const problem = 'released a model that is not the merge of its accepted updates';
      throw new DifferenceFound({ file: 'events.jsonl', round, problem, expected: digest, found: model });
    }
    this.#last = { model, parameters: after };
    return true;
  }

  async #modelAt({ version, model }: Release['base']): Promise<Parameters | null> {
    if (this.#last?.model === model) return this.#last.parameters;
    const bytes = version === 0 ? undefined : await this.#folder.blob(model);
    if (version > 0 && bytes === undefined) return null;
    const workbench = await this.#workbench();
    if (workbench === null || bytes === undefined) return workbench?.initial ?? null;
    return parametersOf(bytes, model, workbench.initial);
  }

  async #updatesOf(round: number, accepted: readonly Weighed[]): Promise<MergedUpdate[] | null> {
    const updates: MergedUpdate[] = [];
    for (const { trainer, sequence, receipt, weight, stale } of accepted) {
      const update = await this.#updates.open({ trainer, receipt });
      if (update.kind === 'closed') return null;
      if (update.kind === 'broken')
        throw differs(
          { file: 'events.jsonl', round },
          `accepted the update ${receipt}, which nobody can open`,
        );
      const { delta, samples } = update;
      updates.push({ trainer, sequence, delta, samples, weight, stale });
    }
    return updates;
  }
}

/** A released model's parameters. @throws DifferenceFound if the bytes are no model of this run */
export function parametersOf(bytes: Uint8Array, model: Digest, { layout }: Parameters): Parameters {
  const decoded = decode('float32', bytes, layout);
  if (decoded.kind === 'decoded') return decoded.parameters;
  const file = `blobs/${model.slice(2)}`;
  throw new DifferenceFound({ file, problem: `is no model of this run: ${decoded.reason}` });
}
