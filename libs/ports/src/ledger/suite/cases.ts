import assert from 'node:assert/strict';
import { isFault } from '#libs/fault';
import { lineupDigest } from '#libs/wire';
import type { Done, Previewed, Sent } from '../ledger.ts';
import { type Judged, settledOutcome } from '../settled-outcome.ts';
import {
  budgetWei,
  digestOf,
  done,
  only,
  poolWei,
  Stage,
  trainerBondWei,
  validatorBondWei,
  windows,
} from './stage.ts';
import type { LedgerWorld } from './stage.ts';

export interface LedgerCase {
  readonly name: string;
  /** @throws AssertionError if the ledger does not do what the port promises. */
  run(world: LedgerWorld): Promise<void>;
}

const model = digestOf(0xabcdef);

/** The refusal of a transaction that must be refused, under this name. */
function refused(sent: Sent, name: string): Readonly<Record<string, unknown>> {
  assert.equal(sent.kind === 'reverted' ? sent.name : sent.kind, name);
  return (sent as Extract<Sent, { kind: 'reverted' }>).args;
}

/** What a settlement's transactions say happened is what its preview said, with the settler's share on top. */
function assertSettledAs(
  { outcome, settlerWei }: Previewed,
  transactions: readonly Done[],
  judged: Judged,
): void {
  const events = transactions.flatMap((sent) => sent.events);
  const { settler } = only(events, 'roundSettled');
  const expected = new Map(outcome.rewards.map(({ actor, amountWei }) => [actor, amountWei]));
  if (settlerWei > 0n) expected.set(settler, (expected.get(settler) ?? 0n) + settlerWei);
  const rewards = [...expected].map(([actor, amountWei]) => ({ actor, amountWei }));
  assert.deepEqual(settledOutcome(events, judged), { ...outcome, rewards });
}

/** What every `Ledger` does: each case stands alone, on a chain that others may have used. */
export const ledgerCases: readonly LedgerCase[] = [
  {
    name: 'a ledger is found again by its address, and nothing else passes for one',
    async run(world) {
      const { ledger, sponsor } = await Stage.empty(world);
      const again = await world.chain.attach(ledger.addresses.ledger);
      assert.deepEqual(again.addresses, ledger.addresses);
      assert.equal(await again.runs(), 1n);
      for (const other of [sponsor.id, ledger.addresses.token]) {
        await assert.rejects(
          world.chain.attach(other),
          (fault) => isFault(fault) && fault.code === 'CHAIN_CONTRACT_MISSING',
        );
      }
    },
  },
  {
    name: 'a run is what its Sponsor decided, and gathers',
    async run(world) {
      const stage = await Stage.empty(world);
      const created = only(stage.sent[0]!.events, 'runCreated');
      assert.deepEqual(created.config, stage.config);
      const state = await stage.state();
      assert.deepEqual(state.config, stage.config);
      assert.equal(state.sponsor, stage.sponsor.id);
      assert.equal(state.phase, 'gathering');
      assert.equal(state.deadline, stage.sent[0]!.block.timeSeconds + windows.gatheringSeconds);
      assert.equal(await stage.ledger.run(stage.run + 1n), null);
      const second = done(await stage.sponsor.act.sponsor.createRun(stage.config));
      assert.equal(only(second.events, 'runCreated').run, stage.run + 1n);
    },
  },
  {
    name: 'what the protocol refuses is a value with name and facts, and changes nothing',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const stranger = await stage.actor('stranger');
      const { run } = stage;
      const before = await stage.tokensWei();
      assert.deepEqual(
        refused(await stranger.act.membership.join(run, 'trainer'), 'RunLedgerInsufficientBond'),
        {
          account: stranger.id,
          bondWei: 0n,
          neededWei: trainerBondWei,
        },
      );
      assert.deepEqual(refused(await stranger.act.sponsor.pause(run), 'RunLedgerNotSponsor'), {
        caller: stranger.id,
        sponsor: stage.sponsor.id,
      });
      refused(await stranger.act.membership.claim(run), 'RewardVaultNothingToClaim');
      refused(await stranger.act.membership.withdraw(run), 'BondRegistryNothingUnbonding');
      refused(await stranger.act.token.mint(stranger.id, 1n), 'OwnableUnauthorizedAccount');
      refused(await stranger.act.sponsor.fund(run, 1n), 'ERC20InsufficientBalance');
      refused(await stranger.act.rounds.closePhase(run), 'RunLedgerPhaseNotOverdue');
      refused(await stage.trainers[0]!.act.membership.join(run, 'trainer'), 'RunLedgerAlreadyMember');
      assert.equal(await stage.tokensWei(), before);
      assert.equal((await stage.ledger.member(run, stranger.id)).role, 'none');
    },
  },
  {
    name: 'bonding, joining, leaving and withdrawing move exactly the bond',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const { run, ledger } = stage;
      const [trainer] = stage.trainers;
      const { act, id } = trainer!;
      const joined = await ledger.member(run, id);
      assert.deepEqual(
        [joined.role, joined.active, joined.bondWei, joined.balanceWei],
        ['trainer', true, trainerBondWei, 0n],
      );
      assert.equal(await ledger.accountOf(run, joined.index), id);
      const left = only(done(await act.membership.leave(run)).events, 'memberLeft');
      const leaving = await ledger.member(run, id);
      assert.deepEqual([leaving.role, leaving.bondWei, leaving.unbondingWei], ['none', 0n, trainerBondWei]);
      assert.equal(leaving.releaseAt, left.releaseAt);
      refused(await act.membership.withdraw(run), 'BondRegistryStillUnbonding');
      await world.passTime(left.releaseAt - (await ledger.head()).timeSeconds);
      done(await act.membership.withdraw(run));
      assert.equal((await ledger.member(run, id)).balanceWei, trainerBondWei);
    },
  },
  {
    name: 'a bond may be another account’s, which it then belongs to',
    async run(world) {
      const stage = await Stage.empty(world);
      const operator = await stage.rich('operator', validatorBondWei);
      const node = await stage.actor('node');
      const bonded = done(await operator.act.membership.bond(stage.run, validatorBondWei, node.id));
      const { account, bonder, amountWei } = only(bonded.events, 'bonded');
      assert.deepEqual([account, bonder, amountWei], [node.id, operator.id, validatorBondWei]);
      done(await node.act.membership.join(stage.run, 'validator'));
      assert.equal((await stage.ledger.member(stage.run, node.id)).bondWei, validatorBondWei);
    },
  },
  {
    name: 'a whole round pays what its preview said, to the wei, and releases the model',
    async run(world) {
      const stage = await Stage.of(world, 3, 3);
      const { run, ledger } = stage;
      const tokensWei = await stage.tokensWei();
      await stage.upToSettlement();
      const state = await stage.state();
      assert.equal(state.phase, 'settlement');
      assert.deepEqual(state.revealed, [0, 1, 2]);
      const lineup = await stage.lineup();
      assert.equal(state.lineupHash, lineupDigest(run, lineup.round, lineup));

      const ballots = await stage.settled();
      const preview = await ledger.previewSettlement(run, ballots);
      assert.ok(preview.kind === 'previewed' && preview.answered);
      const judged = await stage.judged();
      const settled = await stage.settle(model);
      assertSettledAs(preview, [settled], judged);
      // It is settled now; before the block in which it was, the answer was what it was.
      assert.equal((await ledger.previewSettlement(run, ballots)).kind, 'reverted');
      assert.deepEqual(await ledger.previewSettlement(run, ballots, settled.block.number - 1), preview);
      const event = only(settled.events, 'roundSettled');
      assert.equal(event.modelDigest, model);
      assert.equal(event.settlerWei, preview.settlerWei);
      const { verdicts, trusts, rewards, penalties } = preview.outcome;
      assert.deepEqual(
        event.verdicts.map(({ accepted, tally, mergeWeight }) => ({ accepted, tally, weight: mergeWeight })),
        verdicts,
      );
      assert.deepEqual(penalties, []);
      assert.ok(rewards.length > 0 && rewards.reduce((sum, { amountWei }) => sum + amountWei, 0n) <= poolWei);
      for (const { trainer, trust } of trusts) assert.equal((await ledger.member(run, trainer)).trust, trust);
      for (const { actor, amountWei } of rewards) {
        const settlerWei: bigint = actor === event.settler ? preview.settlerWei : 0n;
        assert.equal((await ledger.member(run, actor)).creditWei, amountWei + settlerWei);
      }
      const after = await stage.state();
      assert.deepEqual([after.release, after.phase, after.round], [model, 'gathering', 1]);
      assert.equal(await stage.tokensWei(), tokensWei);

      const { actor, amountWei } = rewards[0]!;
      const trainer = stage.trainers.find(({ id }) => id === actor)!;
      const claimed = only(done(await trainer.act.membership.claim(run)).events, 'rewardsClaimed');
      assert.equal(claimed.amountWei, amountWei);
      refused(await trainer.act.membership.claim(run), 'RewardVaultNothingToClaim');
      assert.equal(await stage.tokensWei(), tokensWei);
    },
  },
  {
    name: 'a Validator that does not reveal is penalised as the preview said',
    async run(world) {
      const stage = await Stage.of(world, 2, 3);
      const { run, ledger } = stage;
      await stage.open();
      await stage.propose();
      await stage.commit();
      const { round, committee } = await stage.state();
      const [first, second] = await stage.ballots();
      done(await stage.sponsor.act.rounds.reveal(run, round, [second!, first!]));
      await world.passTime(windows.revealSeconds + 1);
      done(await stage.sponsor.act.rounds.closePhase(run));
      const preview = await ledger.previewSettlement(run, await stage.settled());
      assert.ok(preview.kind === 'previewed');
      const silent = committee[2]!;
      const judged = await stage.judged();
      const settled = await stage.settle(model);
      assertSettledAs(preview, [settled], judged);
      const penalised = only(settled.events, 'penalised');
      assert.equal(penalised.account, silent.validator);
      assert.ok(penalised.penaltyWei > 0n);
      assert.deepEqual(preview.outcome.penalties, [
        { actor: silent.validator, amountWei: penalised.penaltyWei, jailedUntilRound: 0 },
      ]);
      const { bondWei } = await ledger.member(run, silent.validator);
      assert.equal(bondWei, silent.bondWei - penalised.penaltyWei);
    },
  },
  {
    name: 'who sends poison three times is penalised and jailed, as the preview said and the events say',
    async run(world) {
      const stage = await Stage.of(world, 4, 2);
      stage.score = (trainer, seat) => (trainer === 1 ? -3_000 : 100 + 10 * trainer + seat);
      for (let round = 0; round < 3; round++) {
        await stage.upToSettlement();
        const preview = await stage.ledger.previewSettlement(stage.run, await stage.settled());
        assert.ok(preview.kind === 'previewed');
        const judged = await stage.judged();
        const settled = await stage.settle(digestOf(round + 1));
        assertSettledAs(preview, [settled], judged);
        const outcome = settledOutcome(settled.events, judged)!;
        const { id } = stage.trainers[1]!;
        const amountWei = trainerBondWei / 100n;
        assert.deepEqual(
          outcome.penalties,
          round < 2 ? [] : [{ actor: id, amountWei, jailedUntilRound: round + 11 }],
        );
        const { jailedUntilRound } = await stage.ledger.member(stage.run, id);
        assert.equal(jailedUntilRound, outcome.penalties[0]?.jailedUntilRound ?? 0);
      }
    },
  },
  {
    name: 'a settlement in chunks, carried on by a stranger, ends where one at once would',
    async run(world) {
      const stage = await Stage.of(world, 3, 1);
      const { run, ledger } = stage;
      await stage.upToSettlement();
      const preview = await ledger.previewSettlement(run, await stage.settled());
      assert.ok(preview.kind === 'previewed');
      const judged = await stage.judged();
      const first = await stage.settle(model, 1);
      const { outcome } = only(first.events, 'settlementSplit');
      const lineup = only(
        stage.sent.flatMap(({ events }) => events),
        'lineupAccepted',
      );
      const stranger = await stage.actor('stranger');
      const settlement = { trainers: lineup.trainers, outcome };
      const second = done(await stranger.act.settlement.continue(run, settlement, 1));
      assert.equal((await stage.state()).phase, 'settlement');
      assert.equal(settledOutcome([...first.events, ...second.events], judged), null);
      const last = done(await stranger.act.settlement.continue(run, settlement));
      assert.equal((await stage.state()).phase, 'gathering');
      assertSettledAs(preview, [first, second, last], judged);
      for (const { trainer, trust } of preview.outcome.trusts) {
        assert.equal((await ledger.member(run, trainer)).trust, trust);
      }
      refused(await stranger.act.settlement.continue(run, settlement), 'RunLedgerNoSettlementUnderway');
    },
  },
  {
    name: 'after three proposers anybody settles without certificate, and nothing is released',
    async run(world) {
      const stage = await Stage.of(world, 2, 1);
      await stage.upToSettlement();
      const { release } = await stage.state();
      const stranger = await stage.actor('stranger');
      const ballots = await stage.settled();
      refused(await stranger.act.settlement.settle(stage.run, ballots, null), 'RunLedgerNotProposer');
      await world.passTime(3 * windows.settlementSeconds + 1);
      const settled = done(await stranger.act.settlement.settle(stage.run, ballots, null));
      const event = only(settled.events, 'roundSettled');
      assert.deepEqual([event.modelDigest, event.settler], [null, stranger.id]);
      assert.equal((await stage.state()).release, release);
      assert.equal((await stage.ledger.member(stage.run, stranger.id)).creditWei, event.settlerWei);
    },
  },
  {
    name: 'wrong tallies are refused by the preview and by the settlement',
    async run(world) {
      const stage = await Stage.of(world, 2, 1);
      await stage.upToSettlement();
      const ballots = await stage.settled();
      const wrong = { ...ballots, tallies: ballots.tallies.map((tally, i) => (i === 1 ? 31_000 : tally)) };
      const preview = await stage.ledger.previewSettlement(stage.run, wrong);
      assert.ok(preview.kind === 'reverted');
      assert.deepEqual([preview.name, preview.args.entry], ['RunLedgerTallyMismatch', 1n]);
      const { act } = await stage.proposer();
      refused(
        await act.settlement.settle(stage.run, wrong, await stage.certificate(model)),
        'RunLedgerTallyMismatch',
      );
    },
  },
  {
    name: 'anybody closes a phase that is overdue, and not before',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const stranger = await stage.actor('stranger');
      await stage.open();
      refused(await stranger.act.rounds.closePhase(stage.run), 'RunLedgerPhaseNotOverdue');
      const { deadline } = await stage.state();
      await world.passTime(deadline + 1 - (await stage.ledger.head()).timeSeconds);
      const voided = only(done(await stranger.act.rounds.closePhase(stage.run)).events, 'roundVoided');
      assert.deepEqual([voided.round, voided.phase, voided.voids], [0, 'training', 1]);
      assert.deepEqual([(await stage.state()).voids, (await stage.state()).round], [1, 1]);
    },
  },
  {
    name: 'a run is paused, resumed and finished, and what is left of its budget is the Sponsor’s',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const { run, ledger } = stage;
      const { sponsor, membership } = stage.sponsor.act;
      done(await sponsor.pause(run));
      assert.equal((await stage.state()).paused, true);
      refused(await stage.sponsor.act.rounds.open(run), 'RunLedgerPaused');
      done(await sponsor.resume(run));
      const finished = done(await sponsor.finish(run));
      only(finished.events, 'runFinished');
      assert.equal((await stage.state()).phase, 'finished');
      assert.equal((await ledger.member(run, stage.sponsor.id)).creditWei, budgetWei);
      done(await membership.claim(run));
      assert.equal((await ledger.member(run, stage.sponsor.id)).balanceWei, budgetWei);
      refused(await sponsor.resume(run), 'RunLedgerEnded');
    },
  },
  {
    name: 'equivocation that is proven costs half of the bond, and half of that is the reporter’s',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const { run, ledger } = stage;
      const offender = stage.trainers[0]!;
      const reporter = await stage.actor('reporter');
      const slot = { kind: 'receipt', number: 4, attempt: 0, parent: digestOf(0) } as const;
      const sign = async (content: `0x${string}`) => ({
        content,
        signature: offender.signer.sign(await ledger.statementDigest({ ...slot, run, content })),
      });
      const proof = { ...slot, first: await sign(digestOf(1)), second: await sign(digestOf(2)) };
      const proven = done(await reporter.act.settlement.proveEquivocation(run, proof));
      const event = only(proven.events, 'equivocationProven');
      assert.deepEqual(
        [event.offender, event.reporter, event.statement, event.number],
        [offender.id, reporter.id, 'receipt', 4],
      );
      assert.equal((await ledger.member(run, offender.id)).bondWei, trainerBondWei / 2n);
      assert.equal((await ledger.member(run, reporter.id)).creditWei, trainerBondWei / 4n);
      refused(await reporter.act.settlement.proveEquivocation(run, proof), 'RunLedgerAlreadyProven');
      const same = { ...proof, second: proof.first };
      refused(await reporter.act.settlement.proveEquivocation(run, same), 'RunLedgerNotEquivocation');
    },
  },
];
