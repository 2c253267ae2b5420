import assert from 'node:assert/strict';
import { isFault } from '#libs/fault';
import type { LedgerEventKind } from '../events.ts';
import type { LedgerCase } from './cases.ts';
import { followToHead, Watching } from './following.ts';
import { digestOf, done, Stage } from './stage.ts';

const isRewound = (fault: unknown) => isFault(fault) && fault.code === 'CHAIN_REWOUND';

/** What every `Ledger` does for those who send much at once and those who watch. */
export const watchingCases: readonly LedgerCase[] = [
  {
    name: 'fifty transactions that one account sends at once are all executed, once, in their order',
    async run(world) {
      const stage = await Stage.empty(world);
      const receiver = await stage.actor('receiver');
      const amounts = Array.from({ length: 50 }, (_, i) => BigInt(i + 1));
      const sent = await Promise.all(
        amounts.map((amountWei) => stage.sponsor.act.token.mint(receiver.id, amountWei)),
      );
      const transactions = sent.map((one) => done(one).transaction);
      assert.equal(new Set(transactions).size, amounts.length);
      const numbers = sent.map((one) => done(one).block.number);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
      const { balanceWei } = await stage.ledger.member(stage.run, receiver.id);
      assert.equal(
        balanceWei,
        amounts.reduce((sum, amountWei) => sum + amountWei, 0n),
      );
    },
  },
  {
    name: 'a refusal among parallel transactions leaves no gap',
    async run(world) {
      const stage = await Stage.empty(world);
      const [receiver, stranger] = [await stage.actor('receiver'), await stage.actor('stranger')];
      const { token, sponsor } = stage.sponsor.act;
      const results = await Promise.all([
        token.mint(receiver.id, 1n),
        token.mint(receiver.id, 10n ** 30n), // above the cap
        sponsor.resume(stage.run), // not paused
        token.mint(receiver.id, 2n),
        stranger.act.token.mint(receiver.id, 4n),
      ]);
      assert.deepEqual(
        results.map((result) => (result.kind === 'reverted' ? result.name : result.kind)),
        ['done', 'ERC20ExceededCap', 'RunLedgerNotPaused', 'done', 'OwnableUnauthorizedAccount'],
      );
      assert.equal((await stage.ledger.member(stage.run, receiver.id)).balanceWei, 3n);
    },
  },
  {
    name: 'a watcher sees every event of a round once, in order, as the senders did',
    async run(world) {
      const from = (await world.chain.head()).number + 1;
      const stage = await Stage.of(world, 2, 2);
      const watching = new Watching(stage.ledger, { fromBlock: from });
      await stage.upToSettlement();
      await stage.settle(digestOf(5));
      await watching.until(({ events }) => events.some(({ kind }) => kind === 'roundSettled'));
      const following = await watching.stop();
      const sent = stage.sent.flatMap(({ events }) => events);
      assert.deepEqual(following.events, sent);
      const late = await followToHead(stage.ledger, { fromBlock: from });
      assert.deepEqual(late.keys, following.keys);
    },
  },
  {
    name: 'a watcher that resumes after a block sees what came after it, and nothing twice',
    async run(world) {
      const from = (await world.chain.head()).number + 1;
      const stage = await Stage.of(world, 1, 1);
      const { ledger } = stage;
      const first = await followToHead(ledger, { fromBlock: from });
      const after = first.standing.at(-1)!.block;
      await stage.upToSettlement();
      await followToHead(ledger, { after }, first);
      assert.deepEqual(
        first.events,
        stage.sent.flatMap(({ events }) => events),
      );
      const { number } = after;
      const elsewhere = ledger.watch({ after: { number, hash: digestOf(99) } })[Symbol.asyncIterator]();
      await assert.rejects(Promise.resolve(elsewhere.next()), isRewound);
    },
  },
  {
    name: 'a watcher that comes late reads far back, and sees the same',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const { ledger, sent } = stage;
      for (let i = 0; i < 100; i++) await world.passTime(1);
      await stage.open();
      const { events } = await followToHead(ledger, {});
      assert.deepEqual(
        events,
        sent.flatMap((one) => one.events),
      );
    },
  },
  {
    name: 'a watcher at a depth reports no block that has fewer on top of it',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const from = (await world.chain.head()).number + 1;
      await stage.open();
      const opened = stage.sent.at(-1)!.block;
      const watching = new Watching(stage.ledger, { fromBlock: from, depth: 3 });
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(watching.following.changes, []);
        await world.passTime(1);
      }
      await watching.until(({ changes }) => changes.length > 0);
      const { standing } = await watching.stop();
      assert.equal(standing[0]!.block.hash, opened.hash);
    },
  },
  {
    name: 'watching ends when the watcher says so',
    async run(world) {
      const { ledger } = await Stage.empty(world);
      const watching = new Watching(ledger, { fromBlock: (await ledger.head()).number });
      await watching.until(({ changes }) => changes.length === 1);
      await watching.stop();
      await world.passTime(1);
      assert.equal(watching.following.changes.length, 1);
    },
  },
  {
    name: 'what a reorganisation removes is taken back, sent again, and executed once',
    async run(world) {
      const stage = await Stage.of(world, 1, 1);
      const { run, ledger } = stage;
      const receiver = await stage.actor('receiver');
      const fromBlock = (await ledger.head()).number + 1;
      const watching = new Watching(ledger, { fromBlock });
      const rewind = await world.mark();
      await stage.open();
      done(await stage.sponsor.act.token.mint(receiver.id, 5n));
      done(await stage.sponsor.act.sponsor.pause(run));
      const standing = (kind: LedgerEventKind) =>
        watching.following.events.some((event) => event.kind === kind);
      await watching.until(() => standing('runPaused'));
      const kinds = watching.following.events.map(({ kind }) => kind);

      await rewind();
      await watching.until(({ removed }) => removed.length > 0 && standing('runPaused'));
      const { removed, events, keys } = await watching.stop();
      const takenBack = removed.toReversed().flatMap((change) => change.events.toReversed());
      assert.deepEqual(
        takenBack.map(({ kind }) => kind),
        kinds,
      );
      assert.deepEqual(
        events.map(({ kind }) => kind),
        kinds,
      );
      assert.deepEqual((await followToHead(ledger, { fromBlock })).keys, keys);
      assert.equal((await ledger.member(run, receiver.id)).balanceWei, 5n);
      assert.equal((await stage.state()).paused, true);
      // The account goes on where it is.
      done(await stage.sponsor.act.sponsor.resume(run));
    },
  },
];
