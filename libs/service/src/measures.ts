import type { Follower } from '#libs/node';
import type { Membership } from './membership.ts';

/** Measures that are no events of the run: they are asked for when the metrics are. */
export function measure({ metrics, strategy, connections, signer }: Membership, follower: Follower): void {
  metrics.ask('stream_pending', 'Messages of the stream that the node has not handled yet.', async () => {
    const pending = await strategy.pending();
    return pending === null ? null : { pending };
  });
  metrics.ask(
    'balance_tokens',
    "The node's own tokens: in its account, as its bond, and as rewards to be claimed.",
    async () => {
      const { run, ledger } = connections;
      const { balanceWei, bondWei, creditWei } = await ledger.member(run.domain.number, signer.address);
      return { account: tokens(balanceWei), bond: tokens(bondWei), credit: tokens(creditWei) };
    },
    'where',
  );
  metrics.tell(
    'messages_refused_total',
    'Messages that were dropped unread, or are not what they say.',
    'reason',
    () => [...Object.entries(strategy.counts.refused), ...follower.refusals],
  );
}

const tokens = (wei: bigint): number => Number(wei) / 1e18;
