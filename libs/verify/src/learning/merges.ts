import type { RunFolder } from '#libs/experiment';
import { addDelta, aggregatorOf, type Candidate, decode, type Parameters } from '#libs/learning';
import { releasedBytes } from '#libs/node';
import {
  billion,
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

/** An update that counts, with what it weighs, in billionths. */
interface Weighed extends Pick<Entry, 'trainer' | 'sequence' | 'receipt'> {
  readonly weight: number;
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
    // The policy's weight times the staleness', rounded down.
    const stale = BigInt(stalenessWeight(staleness, before.version - base));
    return [
      { trainer, sequence, receipt, weight: Number((BigInt(verdict.weight) * stale) / BigInt(billion)) },
    ];
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
    const candidates = await this.#candidatesOf(round, accepted);
    const before = candidates === null ? null : await this.#modelAt(base);
    if (before === null || candidates === null) return false;
    const merge = aggregatorOf(this.#folder.plan.learning.aggregator).merge(candidates);
    const after = merge.kind === 'merged' ? addDelta(before, merge.delta) : before;
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

  async #candidatesOf(round: number, accepted: readonly Weighed[]): Promise<Candidate[] | null> {
    const candidates: Candidate[] = [];
    for (const { trainer, sequence, receipt, weight } of accepted) {
      const update = await this.#updates.open({ trainer, receipt });
      if (update.kind === 'closed') return null;
      if (update.kind === 'broken')
        throw differs(
          { file: 'events.jsonl', round },
          `accepted the update ${receipt}, which nobody can open`,
        );
      const { delta, samples } = update;
      candidates.push({ actor: trainer, sequence, delta, samples, trust: weight, staleness: 0 });
    }
    return candidates;
  }
}

/** A released model's parameters. @throws DifferenceFound if the bytes are no model of this run */
export function parametersOf(bytes: Uint8Array, model: Digest, { layout }: Parameters): Parameters {
  const decoded = decode('float32', bytes, layout);
  if (decoded.kind === 'decoded') return decoded.parameters;
  const file = `blobs/${model.slice(2)}`;
  throw new DifferenceFound({ file, problem: `is no model of this run: ${decoded.reason}` });
}
