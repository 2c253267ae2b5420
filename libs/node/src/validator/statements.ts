import { type Digest, type Entry, find, openRound, type Slot, slotKey } from '#libs/protocol';
import { type Bodies, encodeMessage, type Message } from '#libs/wire';
import { placesOf } from '../preview.ts';
import { messageIn } from '../written.ts';
import type { DutyOf, ValidatorOptions } from './options.ts';

type StatementKind = 'lineupProposal' | 'lineupSignature' | 'certificateSignature';

/**
 * What a Validator signs and could be held to. Each statement is written down before it is sent, and what is written is
 * what is sent: so a Validator that starts again never says two things in one slot.
 */
export class Statements {
  readonly #options: ValidatorOptions;

  constructor(options: ValidatorOptions) {
    this.#options = options;
  }

  async proposeLineup({ round, attempt, parent, entries }: DutyOf<'proposeLineup'>): Promise<void> {
    const { follower, conduct } = this.#options;
    const chosen = conduct?.lineup?.(entries) ?? entries;
    if (chosen.length === 0) return;
    await this.#store(chosen);
    const body = { round, attempt, parent, entries: placesOf(follower, chosen) };
    await this.#say({ kind: 'lineup', round, attempt, parent }, 'lineupProposal', body);
  }

  /** Who signs a lineup vouches for it: that it is complete, and that others can read it, whatever its proposer has stored. */
  async signLineup({ round, attempt, parent, lineup }: DutyOf<'signLineup'>): Promise<void> {
    const open = openRound(this.#options.follower.state);
    if (open?.number !== round || !('proposals' in open.phase)) return;
    const proposal = find(open.phase.proposals, String(attempt));
    if (proposal?.lineup !== lineup) return;
    await this.#store(proposal.entries);
    await this.#say({ kind: 'lineup', round, attempt, parent }, 'lineupSignature', {
      round,
      attempt,
      parent,
      lineup,
    });
  }

  async signCertificate({ round, parent, model }: DutyOf<'signCertificate'>): Promise<void> {
    const slot = { kind: 'certificate', round, attempt: 0, parent } as const;
    await this.#say(slot, 'certificateSignature', { round, parent, model });
  }

  /** Sends receipts once more, word for word: somebody lacks them. */
  async share(receipts: readonly { readonly digest: Digest }[]): Promise<void> {
    const { follower } = this.#options;
    for (const { digest } of receipts) {
      const message = follower.receipts.messageOf(digest);
      if (message !== undefined) await follower.publish(message);
    }
  }

  #store(entries: readonly Entry[]): Promise<void> {
    return this.#options.follower.receipts.storeLineup(entries.map(({ receipt }) => receipt));
  }

  async #say<K extends StatementKind>(slot: Slot, kind: K, body: Bodies[K]): Promise<void> {
    const { follower, journal, signer } = this.#options;
    const key = slotKey(slot);
    const written = journal.get(key);
    const message = written === undefined ? follower.world.post.sign(signer, kind, body) : messageIn(written);
    if (written === undefined) await journal.put(key, encodeMessage(message as Message));
    await follower.publish(message as Message);
  }
}
