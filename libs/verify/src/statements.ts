import type { StatementRecord } from '#libs/experiment';
import type { ActorId, Digest } from '#libs/protocol';
import { bytesOf, type Message, type Post, receiptOf } from '#libs/wire';
import { differs, lineOf, type Place } from './difference.ts';

/** A message that its sender has signed for this run. */
export interface Statement {
  readonly place: Place;
  /** When the observer first heard it. */
  readonly atMs: number;
  readonly bytes: Uint8Array;
  readonly message: Message;
}

const file = 'statements.jsonl';

/**
 * All that was said, in the order in which it was heard: each signed by its sender, for this run, and heard once.
 *
 * @param members Who has a key in the run, by address.
 */
export function statementsOf(
  records: readonly StatementRecord[],
  post: Post,
  members: ReadonlyMap<ActorId, string>,
): Statement[] {
  const seen = new Map<string, number>();
  let latestMs = 0;
  return records.map(({ atMs, bytes: hex }, i) => {
    const place = lineOf(file, i + 1);
    const first = seen.get(hex);
    if (first !== undefined) throw differs(place, `is line ${first} once more`);
    seen.set(hex, i + 1);
    if (atMs < latestMs) throw differs(place, 'was heard before the line above it');
    latestMs = atMs;
    const bytes = bytesOf(hex);
    const checked = post.check(bytes);
    if (checked.kind === 'refused') throw differs(place, `is no statement of this run: ${checked.reason}`);
    const { message } = checked;
    if (!members.has(message.sender))
      throw differs(place, `is of ${message.sender}, who is nobody in this run`);
    return { place, atMs, bytes, message };
  });
}

/** Receipts by their digest. */
export function receiptsIn(statements: readonly Statement[]): ReadonlyMap<Digest, Message<'receipt'>> {
  const receipts = new Map<Digest, Message<'receipt'>>();
  for (const { message } of statements)
    if (message.kind === 'receipt') receipts.set(receiptOf(message).digest, message);
  return receipts;
}
