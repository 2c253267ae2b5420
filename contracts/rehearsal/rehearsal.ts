import {
  AbiCoder,
  concat,
  getCreateAddress,
  id,
  type Interface,
  keccak256,
  solidityPackedKeccak256,
  TypedDataEncoder,
  Wallet,
  type LogDescription,
  type Result,
} from 'ethers';
import { startChain, type Chain, type Sent } from './chain.ts';
import { packScores, tallyOf } from './tally.ts';

export const wei = 10n ** 18n;
const role = { trainer: 1, validator: 2 };
const statement = { lineup: 1, certificate: 2 };
const statementType = {
  Statement: [
    { name: 'kind', type: 'uint8' },
    { name: 'run', type: 'uint256' },
    { name: 'number', type: 'uint64' },
    { name: 'attempt', type: 'uint8' },
    { name: 'parent', type: 'bytes32' },
    { name: 'content', type: 'bytes32' },
  ],
};

/** One transaction of a rehearsal, as it was executed. */
export interface Act {
  name: string;
  by: string;
  gas: number;
}

export interface Validator {
  name: string;
  wallet: Wallet;
  bondWei: bigint;
}

export interface Trainer {
  name: string;
  address: string;
  /** Account number in the run: the bit in a lineup. */
  index: number;
}

export interface Seat {
  validator: Validator;
  bondWei: bigint;
}

interface Lineup {
  round: number;
  trainers: bigint[];
  receiptsRoot: string;
  hash: string;
  members: Trainer[];
}

/** What a Validator says about an update; the rehearsal invents the scores, everything after that is the contracts'. */
export type Score = (validator: number, trainer: number, round: number) => number;

export interface Cast {
  trainers: number;
  validators: number;
  policy?: string;
  score: Score;
  trainerBondWei?: bigint;
  validatorBondWei?: bigint;
  poolWei?: bigint;
  budgetWei?: bigint;
}

/** How a round goes. */
export interface Course {
  absent?: readonly Validator[];
  /** Trainers that a settlement handles in one transaction. */
  limit?: number;
  /** Who brings the ballots: the settlement itself, one Validator those of all, or each its own. */
  revealing?: 'settlement' | 'batch' | 'each';
}

export interface Balances {
  accounts: { name: string; ownWei: bigint; bondWei: bigint; creditWei: bigint }[];
  budgetWei: bigint;
  vaultWei: bigint;
  registryWei: bigint;
  supplyWei: bigint;
}

type Contract = 'token' | 'vault' | 'registry' | 'ledger';

const windows = {
  gatheringSeconds: 3_600,
  trainingSeconds: 600,
  lineupSeconds: 60,
  openingSeconds: 60,
  commitSeconds: 120,
  revealSeconds: 120,
  settlementSeconds: 60,
  evidenceSeconds: 86_400,
};

/**
 * A whole network on the EVM inside this process: the contracts as they are deployed, Trainers and Validators that send
 * what nodes send, and a record of every transaction with its gas.
 */
export class Rehearsal {
  readonly acts: Act[] = [];
  readonly trainers: Trainer[] = [];
  readonly validators: Validator[] = [];
  readonly run = 0n;

  readonly chain: Chain;
  readonly #cast: Cast;
  readonly #abi: Record<Contract, Interface>;
  readonly #address: Record<Contract, string>;
  readonly #sponsor: string;
  #lineup: Lineup | null = null;

  private constructor(
    chain: Chain,
    cast: Cast,
    abi: Record<Contract, Interface>,
    address: Record<Contract, string>,
    sponsor: string,
  ) {
    this.chain = chain;
    this.#cast = cast;
    this.#abi = abi;
    this.#address = address;
    this.#sponsor = sponsor;
  }

  static async start(cast: Cast): Promise<Rehearsal> {
    const chain = await startChain();
    const sponsor = new Wallet(id('sponsor')).address;
    await chain.admit(sponsor);
    const nonce = await chain.nonceOf(sponsor);
    const ledgerAt = getCreateAddress({ from: sponsor, nonce: nonce + 4 });
    const token = await chain.deploy('FlobcToken', sponsor, [sponsor, 10n ** 27n]);
    const vault = await chain.deploy('RewardVault', sponsor, [token, ledgerAt]);
    const registry = await chain.deploy('BondRegistry', sponsor, [token, vault, ledgerAt]);
    const settlement = await chain.deploy('RunSettlement', sponsor, [{ registry, vault }]);
    const ledger = await chain.deploy('RunLedger', sponsor, [{ registry, vault }, settlement]);
    const policy = await chain.deploy(cast.policy ?? 'ProportionalPolicy', sponsor, []);
    const abi = {
      token: chain.interfaceOf('FlobcToken'),
      vault: chain.interfaceOf('RewardVault'),
      registry: chain.interfaceOf('BondRegistry'),
      ledger: chain.interfaceOf('RunLedger'),
    };
    const rehearsal = new Rehearsal(chain, cast, abi, { token, vault, registry, ledger }, sponsor);
    await rehearsal.#gather(policy);
    return rehearsal;
  }

  // ------------------------------------------------------------------------------------------------ set-up

  async #gather(policy: string): Promise<void> {
    const { trainerBondWei = 100n * wei, validatorBondWei = 1_000n * wei } = this.#cast;
    const { poolWei = 1_000n * wei, budgetWei = 1_000_000n * wei } = this.#cast;
    const config = {
      configurationDigest: id('configuration'),
      rules: {
        policy,
        policyGas: 8_000_000,
        scoresBase: false,
        quorumNumerator: 1,
        quorumDenominator: 2,
        largeNumerator: 2,
        largeDenominator: 3,
        largeFrom: 4,
      },
      windows,
      terms: {
        maxPauseSeconds: 86_400,
        minTrainers: 1,
        minValidators: 1,
        poolWei,
        trainerBondWei,
        validatorBondWei,
      },
    };
    await this.#act('createRun', this.#sponsor, 'Sponsor', 'ledger', 'createRun', [config]);
    await this.#pay(this.#sponsor, 'vault', budgetWei);
    await this.#act('fund', this.#sponsor, 'Sponsor', 'vault', 'fund', [this.run, budgetWei]);
    for (let i = 0; i < this.#cast.trainers; i++) {
      const name = `Trainer ${i + 1}`;
      const { address } = new Wallet(id(name));
      const index = await this.#enter(name, address, role.trainer, trainerBondWei);
      this.trainers.push({ name, address, index });
    }
    for (let i = 0; i < this.#cast.validators; i++) {
      const name = `Validator ${i + 1}`;
      const wallet = new Wallet(id(name));
      await this.#enter(name, wallet.address, role.validator, validatorBondWei);
      this.validators.push({ name, wallet, bondWei: validatorBondWei });
    }
  }

  async #enter(name: string, account: string, as: number, bondWei: bigint): Promise<number> {
    await this.chain.admit(account);
    await this.#pay(account, 'registry', bondWei);
    await this.#act('bond', account, name, 'registry', 'bond', [this.run, account, bondWei]);
    const { events } = await this.#act('joinRun', account, name, 'ledger', 'joinRun', [this.run, as]);
    return Number(events.find((event) => event.name === 'MemberJoined')!.args.index);
  }

  /** Mints to the account and lets the contract take it. */
  async #pay(account: string, contract: 'vault' | 'registry', amountWei: bigint): Promise<void> {
    const { token } = this.#address;
    await this.chain.send(this.#sponsor, token, this.#abi.token, 'mint', [account, amountWei]);
    await this.chain.send(account, token, this.#abi.token, 'approve', [this.#address[contract], amountWei]);
  }

  // --------------------------------------------------------------------------------------------- one round

  async openRound(): Promise<void> {
    await this.#act('openRound', this.#sponsor, 'anybody', 'ledger', 'openRound', [this.run]);
  }

  /** The proposer of the moment proposes these Trainers, with the fewest signatures that are a quorum. */
  async proposeLineup(members: readonly Trainer[], absent: readonly Validator[] = []): Promise<void> {
    const round = await this.round();
    const words = Math.floor(Math.max(...members.map((trainer) => trainer.index)) / 256) + 1;
    const trainers = Array.from({ length: words }, (_, word) =>
      members
        .filter((trainer) => Math.floor(trainer.index / 256) === word)
        .reduce((bits, trainer) => bits | (1n << BigInt(trainer.index % 256)), 0n),
    );
    const receiptsRoot = id(`receipts of round ${round}`);
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'uint32', 'uint256[]', 'bytes32'],
      [this.run, round, trainers, receiptsRoot],
    );
    this.#lineup = { round, trainers, receiptsRoot, hash: keccak256(encoded), members: [...members] };
    const parent = (await this.ask('releaseOf', [this.run]))[0] as string;
    const { proposer, attempt } = await this.#proposer(absent);
    const endorsement = await this.#endorse(statement.lineup, parent, this.#lineup.hash, absent, attempt);
    const proposal = { round, trainers, receiptsRoot };
    await this.#actAs(proposer, 'proposeLineup', [this.run, proposal, endorsement]);
  }

  async commit(seat: number): Promise<void> {
    const { validator, ballot, salt } = await this.#ballot(seat);
    const { round, hash } = this.#lineup!;
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'uint32', 'bytes32', 'address', 'bytes', 'bytes32'],
      [this.run, round, hash, validator.wallet.address, ballot, salt],
    );
    await this.#actAs(validator, 'commit', [this.run, round, seat, keccak256(encoded)]);
  }

  /** The first of these seats brings the ballots of all. */
  async reveal(seats: readonly number[]): Promise<void> {
    const revealed = await Promise.all([...seats].sort((a, b) => a - b).map((seat) => this.#ballot(seat)));
    const bits = seats.reduce((sum, seat) => sum + 2 ** seat, 0);
    const scores = concat(revealed.map(({ ballot }) => ballot));
    const salts = revealed.map(({ salt }) => salt);
    await this.#actAs(revealed[0]!.validator, 'reveal', [this.run, this.#lineup!.round, bits, scores, salts]);
  }

  /** Passes the deadline of the current phase and has anybody close it. */
  async closePhase(): Promise<void> {
    await this.chain.pass(3_600);
    await this.#act('closePhase', this.#sponsor, 'anybody', 'ledger', 'closePhase', [this.run]);
  }

  /** Settles with a certificate and all committed ballots, `limit` Trainers in each transaction. */
  async settle(absent: readonly Validator[] = [], limit = 65_535): Promise<void> {
    const { round, trainers, receiptsRoot, members } = this.#lineup!;
    const state = (await this.ask('stateOf', [this.run]))[0] as Result;
    const voted = Number(state.committed);
    const seats = (await this.committee()).filter((_, i) => Math.floor(voted / 2 ** i) % 2 === 1);
    const scores = seats.map((seat) => this.#scores(seat.validator));
    const bondsWei = seats.map((seat) => seat.bondWei);
    const tallies = members.map((_, entry) =>
      tallyOf(
        scores.map((row) => row[entry]!),
        bondsWei,
      ),
    );
    const ballots = {
      lineup: { round, trainers, receiptsRoot },
      tallies: packScores(tallies),
      scores: packScores(scores.flat()),
      salts: seats.map((seat) => this.#salt(seat.validator)),
    };
    const modelDigest = id(`model of round ${round}`);
    const parent = await this.#certificateParent(ballots, tallies);
    const endorsement = await this.#endorse(statement.certificate, parent, modelDigest, absent);
    const settler = await this.#settler(absent);
    const { events } = await this.#actAs(settler, 'settle', [
      this.run,
      ballots,
      { modelDigest, endorsement },
      limit,
    ]);
    const split = events.find((event) => event.name === 'SettlementSplit');
    if (split !== undefined) await this.#continue(settler, members, split, limit);
  }

  async #continue(
    settler: Validator,
    members: readonly Trainer[],
    split: LogDescription,
    limit: number,
  ): Promise<void> {
    const outcomeType = this.#abi.ledger.getFunction('continueSettlement')!.inputs[2]!;
    const [outcome] = AbiCoder.defaultAbiCoder().decode(
      [outcomeType],
      split.args.outcome as string,
    ) as unknown[];
    const trainers = members.map((trainer) => trainer.index);
    for (let applied = limit; applied < members.length; applied += limit) {
      await this.#actAs(settler, 'continueSettlement', [this.run, trainers, outcome, limit]);
    }
  }

  /** Opening to settlement, everybody present but the absent. */
  async wholeRound({ absent = [], limit, revealing = 'settlement' }: Course = {}): Promise<Act[]> {
    const before = this.acts.length;
    await this.openRound();
    await this.proposeLineup(this.trainers, absent);
    const present = [...(await this.committee()).entries()]
      .filter(([, { validator }]) => !absent.includes(validator))
      .map(([seat]) => seat);
    for (const seat of present) await this.commit(seat);
    if (absent.length > 0) await this.closePhase();
    if (revealing === 'batch') await this.reveal(present);
    if (revealing === 'each') for (const seat of present) await this.reveal([seat]);
    await this.settle(absent, limit);
    return this.acts.slice(before);
  }

  async claim(account: string, name: string): Promise<void> {
    await this.#act('claim', account, name, 'vault', 'claim', [this.run]);
  }

  // ------------------------------------------------------------------------------------------------- asking

  ask(name: string, callArguments: readonly unknown[]): Promise<Result> {
    return this.chain.call(this.#address.ledger, this.#abi.ledger, name, callArguments);
  }

  async round(): Promise<number> {
    return Number(((await this.ask('stateOf', [this.run]))[0] as Result).number);
  }

  async committee(): Promise<Seat[]> {
    const seats = (await this.ask('committeeOf', [this.run]))[0] as { validator: string; bondWei: bigint }[];
    return seats.map((seat) => ({ validator: this.#validatorAt(seat.validator), bondWei: seat.bondWei }));
  }

  /** The first proposer that is there, and how many were not. */
  async #proposer(absent: readonly Validator[]): Promise<{ proposer: Validator; attempt: number }> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const address = (await this.ask('proposerOf', [this.run, attempt]))[0] as string;
      const proposer = this.#validatorAt(address);
      if (!absent.includes(proposer)) return { proposer, attempt };
    }
    throw new Error('three proposers are absent');
  }

  /** The same for a settlement, after those that are not there have let their time pass. */
  async #settler(absent: readonly Validator[]): Promise<Validator> {
    const { proposer, attempt } = await this.#proposer(absent);
    if (attempt > 0) await this.chain.pass(attempt * windows.settlementSeconds + 1);
    return proposer;
  }

  /** Where every token is, in wei. */
  async balances(): Promise<Balances> {
    const { vault, registry } = this.#address;
    const one = async (contract: Contract, name: string, callArguments: unknown[]) =>
      (await this.chain.call(this.#address[contract], this.#abi[contract], name, callArguments))[0] as bigint;
    const accounts = [];
    for (const { name, address } of this.#people()) {
      accounts.push({
        name,
        ownWei: await one('token', 'balanceOf', [address]),
        bondWei: await one('registry', 'bondOf', [this.run, address]),
        creditWei: await one('vault', 'creditOf', [this.run, address]),
      });
    }
    return {
      accounts,
      budgetWei: await one('vault', 'budgetOf', [this.run]),
      vaultWei: await one('token', 'balanceOf', [vault]),
      registryWei: await one('token', 'balanceOf', [registry]),
      supplyWei: await one('token', 'totalSupply', []),
    };
  }

  #people(): { name: string; address: string }[] {
    const validators = this.validators.map(({ name, wallet }) => ({ name, address: wallet.address }));
    return [{ name: 'Sponsor', address: this.#sponsor }, ...this.trainers, ...validators];
  }

  // ------------------------------------------------------------------------------------------------ ballots

  #scores(validator: Validator): number[] {
    const { members, round } = this.#lineup!;
    const position = this.validators.indexOf(validator);
    return members.map((trainer) => this.#cast.score(position, this.trainers.indexOf(trainer), round));
  }

  #salt(validator: Validator): string {
    return id(`salt of ${validator.name} in round ${this.#lineup!.round}`);
  }

  async #ballot(seat: number): Promise<{ validator: Validator; ballot: string; salt: string }> {
    const { validator } = (await this.committee())[seat]!;
    return { validator, ballot: packScores(this.#scores(validator)), salt: this.#salt(validator) };
  }

  /** What a certificate over the outcome of these ballots builds on. */
  async #certificateParent(ballots: unknown, tallies: readonly number[]): Promise<string> {
    const [, , outcome] = await this.ask('previewSettlement', [this.run, ballots]);
    const verdicts = ((outcome as Result).verdicts as Result[]).map(
      ({ accepted, trust, mergeWeight, rewardWei }, i) =>
        (BigInt.asUintN(16, BigInt(tallies[i]!)) << 232n) |
        (BigInt(accepted as boolean) << 224n) |
        ((trust as bigint) << 192n) |
        ((mergeWeight as bigint) << 128n) |
        (rewardWei as bigint),
    );
    const release = (await this.ask('releaseOf', [this.run]))[0] as string;
    const decided = solidityPackedKeccak256(['uint256[]'], [verdicts]);
    const values = [release, this.#lineup!.hash, decided];
    return keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'bytes32', 'bytes32'], values));
  }

  async #endorse(
    kind: number,
    parent: string,
    content: string,
    absent: readonly Validator[],
    attempt = 0,
  ): Promise<unknown> {
    const committee = await this.committee();
    const total = committee.reduce((sum, seat) => sum + seat.bondWei, 0n);
    const [numerator, denominator] = committee.length < 4 ? [1n, 2n] : [2n, 3n];
    const message = { kind, run: this.run, number: this.#lineup!.round, attempt, parent, content };
    const domain = { name: 'FLoBC', version: '1', chainId: 31_337, verifyingContract: this.#address.ledger };
    const digest = TypedDataEncoder.hash(domain, statementType, message);
    let signers = 0;
    let bondWei = 0n;
    const signatures: string[] = [];
    for (const [i, seat] of committee.entries()) {
      if (bondWei * denominator > total * numerator) break;
      if (absent.includes(seat.validator)) continue;
      signers += 2 ** i;
      bondWei += seat.bondWei;
      signatures.push(seat.validator.wallet.signingKey.sign(digest).compactSerialized);
    }
    return { attempt, signers, signatures: concat(signatures) };
  }

  #validatorAt(address: string): Validator {
    const found = this.validators.find(({ wallet }) => wallet.address === address);
    if (found === undefined) throw new Error(`no Validator has the address ${address}`);
    return found;
  }

  // ---------------------------------------------------------------------------------------------- the record

  async #actAs(validator: Validator, name: string, callArguments: readonly unknown[]): Promise<Sent> {
    return this.#act(name, validator.wallet.address, validator.name, 'ledger', name, callArguments);
  }

  async #act(
    name: string,
    from: string,
    by: string,
    contract: Contract,
    method: string,
    callArguments: readonly unknown[],
  ): Promise<Sent> {
    const sent = await this.chain.send(
      from,
      this.#address[contract],
      this.#abi[contract],
      method,
      callArguments,
    );
    this.acts.push({ name, by, gas: sent.gas });
    return sent;
  }
}
