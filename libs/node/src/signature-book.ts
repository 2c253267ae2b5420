import type { ActorId, Digest } from '#libs/protocol';
import type { Signature } from '#libs/wire';

/** What a signature of a Validator is about. */
export interface Signed {
  readonly kind: 'lineup' | 'certificate';
  readonly round: number;
  readonly attempt: number;
  readonly parent: Digest;
  readonly content: Digest;
}

/** Signatures of Validators, as they came, for whoever takes them to the ledger. */
export class SignatureBook {
  readonly #rounds = new Map<number, Map<string, Map<ActorId, Signature>>>();

  add(signed: Signed, validator: ActorId, signature: Signature): void {
    const key = keyOf(signed);
    const round = this.#rounds.get(signed.round) ?? new Map<string, Map<ActorId, Signature>>();
    const signers = round.get(key) ?? new Map<ActorId, Signature>();
    this.#rounds.set(signed.round, round);
    round.set(key, signers);
    signers.set(validator, signature);
  }

  of(signed: Signed): ReadonlyMap<ActorId, Signature> {
    return this.#rounds.get(signed.round)?.get(keyOf(signed)) ?? new Map();
  }

  /** Everybody's signatures under a model, with what they build on. */
  certificateOf(
    model: Digest,
  ): { readonly signed: Signed; readonly signers: ReadonlyMap<ActorId, Signature> } | undefined {
    for (const round of this.#rounds.values()) {
      for (const [key, signers] of round) {
        const signed = JSON.parse(key) as Signed;
        if (signed.kind === 'certificate' && signed.content === model) return { signed, signers };
      }
    }
    return undefined;
  }

  forgetBefore(round: number): void {
    for (const number of this.#rounds.keys()) if (number < round) this.#rounds.delete(number);
  }
}

const keyOf = ({ kind, round, attempt, parent, content }: Signed): string =>
  JSON.stringify({ kind, round, attempt, parent, content });
