import type { Evaluation } from '#libs/learning';
import type { Digest } from '#libs/protocol';
import type { Journal } from '#libs/ports';

/** Evaluations of released models, kept: models go, and whoever looks on again wants to know how good they were. */
export class Tests {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async once(model: Digest, test: () => Promise<Evaluation | null>): Promise<Evaluation | null> {
    const known = this.#journal.get(model);
    if (known !== undefined) return JSON.parse(Buffer.from(known).toString()) as Evaluation;
    const evaluation = await test();
    if (evaluation !== null) await this.#journal.put(model, Buffer.from(JSON.stringify(evaluation)));
    return evaluation;
  }
}
