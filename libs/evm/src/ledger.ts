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
    const state = await ledger('stateOf', run);
    return {
      at,
      sponsor: await ledger('sponsorOf', run),
      config: await ledger('configOf', run),
      phase: state.phase,
      round: state.number,
      deadline: state.deadline,
      paused: state.paused,
      finishing: state.finishing,
      voids: state.voids,
      committed: numbersOf([BigInt(state.committed)]),
      revealed: numbersOf([BigInt(state.revealed)]),
      committee: await ledger('committeeOf', run),
      proposers:
        state.seats === 0 ? [] : await Promise.all([0n, 1n, 2n].map((i) => ledger('proposerOf', run, i))),
      lineupHash: await ledger('lineupHashOf', run),
      release: await ledger('releaseOf', run),
      poolWei: (await ledger('stakeOf', run)).poolWei,
      budgetWei: await vault('budgetOf', run),
    };
  }

  async member(run: bigint, account: ActorId): Promise<LedgerMember> {
    const { at, ledger, registry, vault, token } = await this.#read();
    const { index, role, active } = await ledger('memberOf', run, account);
    const [unbondingWei, releaseAt] = await registry('unbondingOf', run, account);
    return {
      at,
      account,
      index,
      role,
      active,
      trust: (await ledger('trustOf', run, account)).trust,
      bondWei: await registry('bondOf', run, account),
      unbondingWei,
      releaseAt,
      jailedUntilRound: await registry('jailedUntil', run, account),
      creditWei: await vault('creditOf', run, account),
      balanceWei: await token('balanceOf', account),
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

  async previewSettlement(run: bigint, ballots: LedgerBallots): Promise<Previewed | Refused> {
    const { ledger, settlement, registry } = await this.#read();
    try {
      const preview = await settlement('previewSettlement', run, packBallots(ballots));
      const accounts = await Promise.all(preview.trainers.map((index) => ledger('accountOf', run, index)));
      const committee = await ledger('committeeOf', run);
      const reachWei = async (account: ActorId) =>
        (await registry('bondOf', run, account)) + (await registry('unbondingOf', run, account))[0];
      const outcome = await outcomeOf(preview.outcome, {
        round: ballots.lineup.round,
        tallies: ballots.tallies,
        trainers: accounts,
        validators: committee.map(({ validator }) => validator),
        reachWei,
      });
      return {
        kind: 'previewed',
        answered: preview.answered,
        outcome,
        settlerWei: preview.outcome.settlerWei,
        parent: certificateParent({
          release: await ledger('releaseOf', run),
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

  async #read() {
    const view = await View.ofNewest(this.#site.node);
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
