import { openCoins } from '#libs/evm';
import type { RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { ActorId } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import type { LocalCast } from './cast.ts';

/** Gas that accounts will use at most. */
export type GasNeeds = ReadonlyMap<ActorId, bigint>;

// Twice what docs/results/gas.md has, and more: what an account has left it keeps, what it lacks stops the run.
const founding = 35_000_000n;
const mintingOne = 200_000n;
const joining = 1_000_000n;
const openingAndClosing = 300_000n;
const round = 800_000n;
const roundOfOne = 60_000n;
/** A settlement uses less, but whoever sends it must be able to pay for all that the policy may take. */
const settlementLimit = 2n ** 24n;

export function gasNeeds(plan: RunPlan, { actors, sponsor, scheduler }: LocalCast): GasNeeds {
  const rounds = BigInt(plan.protocol.maxRounds);
  const members = BigInt(actors.length);
  const ofValidator = joining + settlementLimit + rounds * (round + members * roundOfOne);
  return new Map([
    [sponsor.address, founding + members * mintingOne],
    [scheduler.address, joining + rounds * openingAndClosing],
    ...actors.map(({ id, role }) => [id, role === 'trainer' ? joining : ofValidator] as const),
  ]);
}

/** The price of gas may rise this much before the coins are too few. */
const priceRoom = 2n;
/** What one payment has to have in reserve. */
const paymentGas = 100_000n;

/** Sends accounts the coins that they lack for their gas. @throws Fault CHAIN_GAS_UNFUNDED if the payer has too few */
export async function payFor(url: string, payer: Signer, needs: GasNeeds): Promise<void> {
  const coins = await openCoins({ url, patienceMs: 10_000 });
  try {
    const price = await coins.weiPerGas();
    const payments = new Map<ActorId, bigint>();
    for (const [account, gas] of needs) {
      const lackWei = gas * price * priceRoom - (await coins.balanceOf(account));
      if (lackWei > 0n) payments.set(account, lackWei);
    }
    const reserveWei = BigInt(payments.size) * paymentGas * price;
    const neededWei = [...payments.values()].reduce((sum, wei) => sum + wei, reserveWei);
    const hasWei = await coins.balanceOf(payer.address);
    if (hasWei < neededWei) throw tooFew(url, payer.address, hasWei, neededWei);
    await coins.send(payer, payments);
  } finally {
    await coins.close();
  }
}

/** What a run will cost at most, at the price of now. */
export async function costWei(url: string, needs: GasNeeds): Promise<bigint> {
  const coins = await openCoins({ url, patienceMs: 10_000 });
  try {
    const gas = [...needs.values()].reduce((sum, one) => sum + one + paymentGas, 0n);
    return gas * (await coins.weiPerGas()) * priceRoom;
  } finally {
    await coins.close();
  }
}

const tooFew = (url: string, account: ActorId, hasWei: bigint, neededWei: bigint): Fault =>
  new Fault(
    'CHAIN_GAS_UNFUNDED',
    `The account ${account} has ${inCoins(hasWei)} coins of the chain at ${new URL(url).host}, and the gas of this run may take ${inCoins(neededWei)}.`,
    {
      facts: { account, hasWei, neededWei },
      hint: 'Send it more, or name the key of another account (--chain-key FILE). What is not used stays with the accounts of the network.',
    },
  );

/** Rounded: whoever is asked for coins thinks in them. */
export const inCoins = (wei: bigint): string => String(Number((Number(wei) / 1e18).toPrecision(3)));
