import type {
  Block,
  Change,
  Ledger,
  LedgerActions,
  LedgerAddresses,
  LedgerBallots,
  LedgerMember,
  LedgerRun,
  LedgerStatement,
  Previewed,
  Refused,
  WatchFrom,
} from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';
import { certificateParent, lineupDigest, type Signer } from '#libs/wire';
import { actionsOf } from './actions.ts';
import {
  ledgerContract,
  registryContract,
  settlementContract,
  tokenContract,
  vaultContract,
} from './contract/contracts.ts';
import { outcomeOf } from './outcome.ts';
import { numbersOf, packBallots } from './packing.ts';
import type { AccountQueue } from './sending/account.ts';
import { View, ViewRefused } from './view.ts';
import { watch, type Watched } from './watch.ts';

/** Where a ledger is, and how it is reached. */
export interface Site extends Watched {
  queueOf(signer: Signer): AccountQueue;
}

export class EvmLedger implements Ledger {
  readonly addresses: LedgerAddresses;
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
    this.addresses = site.addresses;
  }

  async runs(): Promise<bigint> {
    const { ledger } = await this.#read();
    return ledger('runs');
  }

  async run(run: bigint): Promise<LedgerRun | null> {
    const { at, ledger, vault } = await this.#read();
    if (run >= (await ledger('runs'))) return null;
    const [state, sponsor, config, committee, proposers, lineupHash, release, stake, budgetWei] =
      await Promise.all([
        ledger('stateOf', run),
        ledger('sponsorOf', run),
        ledger('configOf', run),
        ledger('committeeOf', run),
        Promise.all([0n, 1n, 2n].map((attempt) => ledger('proposerOf', run, attempt))),
        ledger('lineupHashOf', run),
        ledger('releaseOf', run),
        ledger('stakeOf', run),
        vault('budgetOf', run),
      ]);
    return {
      at,
      sponsor,
      config,
      phase: state.phase,
      round: state.number,
      deadline: state.deadline,
      paused: state.paused,
      finishing: state.finishing,
      voids: state.voids,
      committed: numbersOf([BigInt(state.committed)]),
      revealed: numbersOf([BigInt(state.revealed)]),
      committee,
      proposers: committee.length === 0 ? [] : proposers,
      lineupHash,
      release,
      poolWei: stake.poolWei,
      budgetWei,
    };
  }

  async member(run: bigint, account: ActorId): Promise<LedgerMember> {
    const { at, ledger, registry, vault, token } = await this.#read();
    const [member, { trust }, bondWei, [unbondingWei, releaseAt], jailedUntilRound, creditWei, balanceWei] =
      await Promise.all([
        ledger('memberOf', run, account),
        ledger('trustOf', run, account),
        registry('bondOf', run, account),
        registry('unbondingOf', run, account),
        registry('jailedUntil', run, account),
        vault('creditOf', run, account),
        token('balanceOf', account),
      ]);
    const { index, role, active } = member;
    return {
      at,
      account,
      index,
      role,
      active,
      trust,
      bondWei,
      unbondingWei,
      releaseAt,
      jailedUntilRound,
      creditWei,
      balanceWei,
    };
  }

  async accountOf(run: bigint, index: number): Promise<ActorId> {
    const { ledger } = await this.#read();
    return ledger('accountOf', run, BigInt(index));
  }

  async statementDigest({ kind, run, number, attempt, parent, content }: LedgerStatement): Promise<Digest> {
    const { ledger } = await this.#read();
    return ledger('statementDigest', kind, run, BigInt(number), attempt, parent, content);
  }

  async previewSettlement(
    run: bigint,
    ballots: LedgerBallots,
    afterBlock?: number,
  ): Promise<Previewed | Refused> {
    const { ledger, settlement, registry } = await this.#read(afterBlock);
    try {
      const around = Promise.all([
        ledger('accountsOf', run, numbersOf(ballots.lineup.trainers).map(BigInt)),
        ledger('committeeOf', run),
        ledger('releaseOf', run),
      ]);
      around.catch(() => undefined); // where the preview is refused, for instance for numbers that nobody has
      const preview = await settlement('previewSettlement', run, packBallots(ballots));
      const [trainers, committee, release] = await around;
      const reachWei = async (account: ActorId) =>
        (await registry('bondOf', run, account)) + (await registry('unbondingOf', run, account))[0];
      const outcome = await outcomeOf(preview.outcome, {
        round: ballots.lineup.round,
        tallies: ballots.tallies,
        trainers,
        validators: committee.map(({ validator }) => validator),
        reachWei,
      });
      return {
        kind: 'previewed',
        answered: preview.answered,
        outcome,
        settlerWei: preview.outcome.settlerWei,
        parent: certificateParent({
          release,
          lineup: lineupDigest(run, ballots.lineup.round, ballots.lineup),
          verdicts: preview.outcome.verdicts.map((verdict, i) => ({
            ...verdict,
            tally: ballots.tallies[i]!,
          })),
        }),
      };
    } catch (error) {
      if (error instanceof ViewRefused) return error.refusal;
      throw error;
    }
  }

  head(): Promise<Block> {
    return this.#site.node.head();
  }

  watch(from: WatchFrom): AsyncIterable<Change> {
    return watch(this.#site, from);
  }

  as(signer: Signer): LedgerActions {
    return actionsOf(this.#site, this.#site.queueOf(signer));
  }

  async #read(block: number | 'latest' = 'latest') {
    const view = await View.after(this.#site.node, block);
    return {
      at: view.at,
      ledger: view.of(ledgerContract, this.addresses.ledger),
      // The ledger's other half answers at the ledger's address.
      settlement: view.of(settlementContract, this.addresses.ledger),
      registry: view.of(registryContract, this.addresses.registry),
      vault: view.of(vaultContract, this.addresses.vault),
      token: view.of(tokenContract, this.addresses.token),
    };
  }
}
