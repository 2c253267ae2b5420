import type { LedgerActions, Sent } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { Abi, ArgumentsOf, FunctionName } from './contract/abi-types.ts';
import type { Contract } from './contract/contract.ts';
import { ledgerContract, registryContract, tokenContract, vaultContract } from './contract/contracts.ts';
import { eventOf } from './events.ts';
import { packBallots, packEndorsement, packRevealed } from './packing.ts';
import type { AccountQueue } from './sending/account.ts';
import { View } from './view.ts';
import type { Watched } from './watch.ts';

const nobody = { attempt: 0, signatures: [] };
const noDigest = `0x${'00'.repeat(32)}` as const;
/** More than a lineup can have. */
const everybody = 65_535;
const unlimited = 2n ** 256n - 1n;

/** What an account can do on a ledger, one transaction each. */
export function actionsOf({ node, addresses }: Watched, queue: AccountQueue): LedgerActions {
  const sender =
    <A extends Abi>(contract: Contract<A>, to: ActorId) =>
    async <Name extends FunctionName<A>>(name: Name, ...values: ArgumentsOf<A, Name>): Promise<Sent> => {
      const executed = await queue.execute(name, { to, data: contract.encode(name, values) });
      if (executed.kind === 'reverted') return executed;
      const { hash, block, receipt } = executed;
      const events = receipt.logs.map((log) => eventOf(addresses, log)).filter((event) => event !== null);
      return { kind: 'done', transaction: hash, block, gasUsed: receipt.gasUsed, events };
    };
  const ledger = sender(ledgerContract, addresses.ledger);
  const registry = sender(registryContract, addresses.registry);
  const vault = sender(vaultContract, addresses.vault);
  const token = sender(tokenContract, addresses.token);

  /** Lets one of our contracts take tokens, once for all: each takes only what the account itself asks it to. */
  const allow = async (spender: ActorId, amountWei: bigint): Promise<Sent | null> => {
    const view = await View.ofNewest(node);
    const allowedWei = await view.of(tokenContract, addresses.token)('allowance', queue.id, spender);
    return allowedWei >= amountWei ? null : token('approve', spender, unlimited);
  };
  /** Then pays, if the allowance was not refused. */
  const paying = async (spender: ActorId, amountWei: bigint, pay: () => Promise<Sent>): Promise<Sent> => {
    const allowed = await allow(spender, amountWei);
    return allowed?.kind === 'reverted' ? allowed : pay();
  };

  return {
    token: {
      mint: (account, amountWei) => token('mint', account, amountWei),
      transfer: (account, amountWei) => token('transfer', account, amountWei),
    },
    sponsor: {
      createRun: (config) => ledger('createRun', config),
      fund: (run, amountWei) => paying(addresses.vault, amountWei, () => vault('fund', run, amountWei)),
      pause: (run) => ledger('pause', run),
      resume: (run) => ledger('resume', run),
      finish: (run) => ledger('finish', run),
      releaseBudget: (run) => ledger('releaseBudget', run),
    },
    membership: {
      bond: (run, amountWei, beneficiary = queue.id) =>
        paying(addresses.registry, amountWei, () => registry('bond', run, beneficiary, amountWei)),
      join: (run, role) => ledger('joinRun', run, role),
      leave: (run) => ledger('leaveRun', run),
      checkIn: (run) => ledger('checkIn', run),
      withdraw: (run) => registry('withdraw', run),
      claim: (run) => vault('claim', run),
    },
    rounds: {
      open: (run) => ledger('openRound', run),
      proposeLineup: (run, lineup, endorsement) =>
        ledger('proposeLineup', run, lineup, packEndorsement(endorsement)),
      commit: (run, round, seat, commitment) => ledger('commit', run, round, seat, commitment),
      reveal(run, round, ballots) {
        const { seats, scores, salts } = packRevealed(ballots);
        return ledger('reveal', run, round, seats, scores, salts);
      },
      closePhase: (run) => ledger('closePhase', run),
    },
    settlement: {
      settle(run, ballots, certificate, limit = everybody) {
        const endorsement = packEndorsement(certificate ?? nobody);
        const modelDigest = certificate?.modelDigest ?? noDigest;
        return ledger('settle', run, packBallots(ballots), { modelDigest, endorsement }, limit);
      },
      continue: (run, { trainers, outcome }, limit = everybody) =>
        ledger(
          'continueSettlement',
          run,
          trainers.map(BigInt),
          ledgerContract.decodeArgument('continueSettlement', 2, outcome),
          limit,
        ),
      proveEquivocation: (run, { kind, number, attempt, parent, first, second }) =>
        ledger('proveEquivocation', run, {
          kind,
          number: BigInt(number),
          attempt,
          parent,
          firstContent: first.content,
          secondContent: second.content,
          firstSignature: first.signature,
          secondSignature: second.signature,
        }),
    },
  };
}
