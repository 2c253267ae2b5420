import type { Delivery } from '#libs/ports';
import { accountOf, type ActorId, type Digest, type Entry, type Input, type RunState } from '#libs/protocol';
import type { Message, Post, Refusal } from '#libs/wire';
import type { BallotBook } from './ballot-book.ts';
import { entryOf, type ReceiptBook } from './receipt-book.ts';
import type { SignatureBook } from './signature-book.ts';

/** Where the pieces of a message go. */
export interface Books {
  readonly receipts: ReceiptBook;
  readonly signatures: SignatureBook;
  readonly ballots: BallotBook;
  readonly state: RunState;
}

/** An input without its instant. */
export type Said = Input extends infer One ? (One extends Input ? Omit<One, 'atMs'> : never) : never;

/** What became of a delivery. */
export type Opened =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'message'; readonly message: Message; readonly said: Said | null };

/** Checks a message and says what it is to the protocol; null for what concerns only nodes, or cannot be read yet. */
export function open({ bytes, subject }: Delivery, post: Post, books: Books): Opened {
  const checked = post.check(bytes, subject);
  if (checked.kind === 'refused') return { kind: 'refused', refusal: checked };
  return { kind: 'message', message: checked.message, said: saidBy(checked.message, post, books) };
}

function saidBy(message: Message, post: Post, { receipts, signatures, state }: Books): Said | null {
  switch (message.kind) {
    case 'receipt':
      return { kind: 'receipt', receipt: receipts.add(message) };
    case 'lineupProposal': {
      const { round, attempt, parent, entries: places } = message.body;
      const lineup = post.lineupOf(message.body);
      signatures.add(
        { kind: 'lineup', round, attempt, parent, content: lineup },
        message.sender,
        message.signature,
      );
      const entries = entriesOf(places, receipts, state);
      return { kind: 'proposal', round, attempt, parent, proposer: message.sender, lineup, entries };
    }
    case 'lineupSignature': {
      const { round, attempt, parent, lineup } = message.body;
      signatures.add(
        { kind: 'lineup', round, attempt, parent, content: lineup },
        message.sender,
        message.signature,
      );
      return { kind: 'lineupSignature', round, attempt, parent, validator: message.sender, lineup };
    }
    case 'certificateSignature': {
      const { round, parent, model } = message.body;
      signatures.add(
        { kind: 'certificate', round, attempt: 0, parent, content: model },
        message.sender,
        message.signature,
      );
      return { kind: 'certificateSignature', round, parent, validator: message.sender, model };
    }
    case 'updateKey':
    case 'ballot':
    case 'release':
    case 'join':
    case 'leave':
    case 'checkIn':
      return null;
  }
}

/**
 * The entries that a proposal names. One whose receipt has not been seen here names nobody's, and is refused as unknown
 * until the receipt comes.
 */
function entriesOf(
  places: readonly { readonly number: number; readonly receipt: Digest }[],
  receipts: ReceiptBook,
  state: RunState,
): Entry[] {
  return places.map(({ number, receipt: digest }) => {
    const receipt = receipts.get(digest);
    const trainer = accountOf(state, number) ?? nobody;
    return receipt?.trainer === trainer
      ? entryOf(receipt)
      : { trainer, sequence: 0, base: 0, receipt: digest };
  });
}

const nobody: ActorId = `0x${'00'.repeat(20)}`;
