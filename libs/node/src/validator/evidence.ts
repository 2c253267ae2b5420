import type { EquivocationProof } from '#libs/ports';
import type { Effect } from '#libs/protocol';
import type { ValidatorOptions } from './options.ts';

type Report = Extract<Effect, { kind: 'reportEquivocation' }>;

const noParent = `0x${'00'.repeat(32)}` as const;

/** Takes two contradictory statements of one actor to the ledger, which pays for them. */
export class Evidence {
  readonly #options: ValidatorOptions;

  constructor(options: ValidatorOptions) {
    this.#options = options;
  }

  async report(report: Report): Promise<void> {
    const { follower, ledger } = this.#options;
    if (report.actor === this.#options.signer.address) return;
    const proof = this.#proof(report);
    // Somebody may have been faster: then the ledger refuses, and that is all.
    if (proof !== null) await ledger.settlement.proveEquivocation(follower.run.domain.number, proof);
  }

  #proof({ actor, slot, first, second }: Report): EquivocationProof | null {
    const { receipts, signatures } = this.#options.follower;
    if (slot.kind === 'receipt') {
      const [one, other] = [receipts.messageOf(first), receipts.messageOf(second)];
      if (one === undefined || other === undefined) return null;
      return {
        kind: 'receipt',
        number: slot.sequence,
        attempt: 0,
        parent: noParent,
        first: { content: first, signature: one.signature },
        second: { content: second, signature: other.signature },
      };
    }
    const { kind, round, attempt, parent } = slot;
    const of = (content: typeof first) => signatures.of({ kind, round, attempt, parent, content }).get(actor);
    const [one, other] = [of(first), of(second)];
    if (one === undefined || other === undefined) return null;
    return {
      kind,
      number: round,
      attempt,
      parent,
      first: { content: first, signature: one },
      second: { content: second, signature: other },
    };
  }
}
