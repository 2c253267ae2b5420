import type { Ledger, LedgerEvent } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import { differs } from '../difference.ts';
import type { FreshChain } from './fresh-chain.ts';

/** keccak256("Transfer(address,address,uint256)"), ERC-20. */
const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const nobody: ActorId = `0x${'00'.repeat(20)}`;
const place = { file: 'transactions.jsonl' };

interface TransferLog {
  readonly topics: readonly string[];
  readonly data: string;
}

/** Where all tokens are at the end. */
export interface Money {
  readonly mintedWei: bigint;
  /** Of all accounts, contracts apart. */
  readonly pursesWei: bigint;
  readonly bondsWei: bigint;
  readonly creditsWei: bigint;
  readonly budgetWei: bigint;
}

/**
 * Adds up every token from its minting on. Each is in one purse, bond, credit or budget: the registry holds the bonds, the
 * vault budget and credits, to the wei.
 */
export async function checkMoney(
  chain: FreshChain,
  ledger: Ledger,
  run: bigint,
  events: readonly LedgerEvent[],
): Promise<Money> {
  const { token, registry, vault } = ledger.addresses;
  const logs = await chain.rpc.request('eth_getLogs', [
    { address: token, topics: [transferTopic], fromBlock: '0x0' },
  ]);
  const { mintedWei, heldWei } = moved(logs as readonly TransferLog[]);
  // Whoever is only owed something has never been sent anything.
  for (const account of events.flatMap(accountsIn)) if (!heldWei.has(account)) heldWei.set(account, 0n);
  let [pursesWei, bondsWei, creditsWei] = [0n, 0n, 0n];
  for (const [account, wei] of heldWei) {
    const member = await ledger.member(run, account);
    if (member.balanceWei !== wei)
      throw differs(place, `leaves ${account} with ${member.balanceWei} wei, and it was sent ${wei}`);
    if (account === registry || account === vault) continue;
    pursesWei += wei;
    bondsWei += member.bondWei + member.unbondingWei;
    creditsWei += member.creditWei;
  }
  const { budgetWei } = (await ledger.run(run))!;
  requireHeld('registry', heldWei.get(registry) ?? 0n, bondsWei, 'bonds');
  requireHeld('vault', heldWei.get(vault) ?? 0n, budgetWei + creditsWei, 'budget and credits');
  const money = { mintedWei, pursesWei, bondsWei, creditsWei, budgetWei };
  if (pursesWei + bondsWei + creditsWei + budgetWei !== mintedWei)
    throw differs(place, `made ${mintedWei} wei, of which not all are anywhere`);
  return money;
}

function requireHeld(contract: string, holdsWei: bigint, owesWei: bigint, what: string): void {
  if (holdsWei !== owesWei)
    throw differs(place, `leaves the ${contract} with ${holdsWei} wei, and ${what} of ${owesWei}`);
}

/** What every account was sent, less what it sent. */
function moved(logs: readonly TransferLog[]): { mintedWei: bigint; heldWei: Map<ActorId, bigint> } {
  const heldWei = new Map<ActorId, bigint>();
  let mintedWei = 0n;
  for (const { topics, data } of logs) {
    const [from, to] = [addressIn(topics[1]!), addressIn(topics[2]!)];
    const wei = BigInt(data);
    if (from === nobody) mintedWei += wei;
    else heldWei.set(from, (heldWei.get(from) ?? 0n) - wei);
    if (to === nobody) mintedWei -= wei;
    else heldWei.set(to, (heldWei.get(to) ?? 0n) + wei);
  }
  return { mintedWei, heldWei };
}

/** Everybody whom an event of the ledger may credit. */
function accountsIn(event: LedgerEvent): ActorId[] {
  if ('account' in event) return [event.account];
  if ('sponsor' in event) return [event.sponsor];
  if ('settler' in event) return [event.settler];
  return 'reporter' in event ? [event.reporter] : [];
}

const addressIn = (topic: string): ActorId => `0x${topic.slice(-40)}`;
