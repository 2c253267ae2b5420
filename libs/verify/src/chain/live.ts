import type { Chain, Change, LedgerEvent } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import { differs, requireSame } from '../difference.ts';

const file = 'chain';

/** One event with the block that it is in. */
interface Placed {
  readonly block: number;
  readonly timeSeconds: number;
  readonly event: LedgerEvent;
}

/**
 * Holds a live chain against the one that was executed here: the ledger is at that address, and says the same of the run,
 * event by event, in the same blocks. @returns events compared
 */
export async function compareLive(
  live: Chain,
  address: ActorId,
  run: bigint,
  here: readonly Change[],
): Promise<number> {
  const ledger = await live.attach(address);
  const head = await live.head();
  const expected = here.flatMap(placed).filter(({ event }) => event.run === run);
  let compared = 0;
  for await (const change of ledger.watch({ fromBlock: 0 })) {
    for (const found of placed(change)) {
      if (found.event.run !== run) continue;
      const place = { file, line: found.block };
      const wanted = expected[compared];
      if (wanted === undefined)
        throw differs(place, `has a ${found.event.kind} that the folder does not have`);
      requireSame(place, `is not as it was executed here`, withoutIndex(wanted), withoutIndex(found));
      compared++;
    }
    if (change.block.number >= head.number) break;
  }
  const missing = expected[compared];
  if (missing !== undefined)
    throw differs({ file }, `lacks the ${missing.event.kind} of block ${missing.block}`);
  return compared;
}

const placed = ({ block: { number: block, timeSeconds }, events }: Change): Placed[] =>
  events.map((event) => ({ block, timeSeconds, event }));

/** Nodes count the logs of a block from its first one; what else is in the block is nobody's business here. */
const withoutIndex = ({ event: { at, ...event }, ...block }: Placed) => ({
  ...block,
  event: { ...event, transaction: at.transaction },
});
