import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, followToHead, type Sent, Stage, Watching } from '#libs/ports';
import { type JsonRpcWorld, jsonRpcWorld } from '#libs/testkit';

const isPaused = ({ events }: { events: readonly { kind: string }[] }) => events.at(-1)?.kind === 'runPaused';

/** Holds back blocks, so that a test decides what is in which. */
async function byHand<T>({ anvil }: JsonRpcWorld, work: () => Promise<T>): Promise<T> {
  await anvil.request('evm_setAutomine', false);
  try {
    return await work();
  } finally {
    await anvil.request('evm_setAutomine', true);
  }
}

/** Resolves when the node holds this many transactions that no block has. */
async function waiting({ anvil }: JsonRpcWorld, count: number): Promise<void> {
  for (;;) {
    const { pending, queued } = (await anvil.request('txpool_status')) as { pending: string; queued: string };
    if (Number(pending) + Number(queued) === count) return;
  }
}

describe('a chain in another process', () => {
  let world: JsonRpcWorld;
  beforeAll(async () => {
    world = await jsonRpcWorld();
  });
  afterAll(() => world.close());

  it('decodes the refusal of a transaction that only its block refuses', async () => {
    const stage = await Stage.of(world, 1, 1);
    const [first, second] = [await stage.actor('first'), await stage.actor('second')];
    const [one, other] = await byHand(world, async () => {
      const sending = [first, second].map(({ act }) => act.rounds.open(stage.run));
      await waiting(world, 2);
      await world.anvil.request('evm_mine');
      return Promise.all(sending);
    });
    const kinds = [one!, other!].map((sent: Sent) => (sent.kind === 'reverted' ? sent.name : sent.kind));
    expect(kinds.toSorted()).toEqual(['RunLedgerWrongPhase', 'done']);
  });

  it('sends again what the node has forgotten', async () => {
    const stage = await Stage.empty(world);
    const receiver = await stage.actor('receiver');
    await byHand(world, async () => {
      const sending = [1n, 2n, 3n].map((amountWei) => stage.sponsor.act.token.mint(receiver.id, amountWei));
      await waiting(world, 3);
      await world.anvil.request('anvil_dropAllTransactions');
      await waiting(world, 3);
      await world.anvil.request('evm_mine');
      for (const sent of await Promise.all(sending)) done(sent);
    });
    expect((await stage.ledger.member(stage.run, receiver.id)).balanceWei).toBe(6n);
  });

  it('waits for as many blocks on top as it was told', async () => {
    const stage = await Stage.empty(world);
    const deep = await (await world.another({ depth: 2 })).attach(stage.ledger.addresses.ledger);
    const patient = deep.as(await world.signer('patient'));
    const { id } = await stage.actor('receiver');
    done(await stage.sponsor.act.token.mint((await world.signer('patient')).address, 5n));
    let settled = false;
    const before = (await deep.head()).number;
    const sending = patient.token.transfer(id, 5n).then((sent) => {
      settled = true;
      return sent;
    });
    const watching = new Watching(deep, { fromBlock: before + 1 });
    await watching.until(({ standing }) => standing.length === 1);
    for (let i = 0; i < 2; i++) {
      expect(settled).toBe(false);
      await world.anvil.request('evm_mine');
    }
    const { block } = done(await sending);
    expect((await deep.head()).number - block.number).toBe(2);
    await watching.stop();
  });

  it('two processes with one key: the one whose nonce was taken is told, and goes on with the next', async () => {
    const stage = await Stage.empty(world);
    const receiver = await stage.actor('receiver');
    const chain = await world.another();
    const twin = (await chain.attach(stage.ledger.addresses.ledger)).as(stage.sponsor.signer);
    // Each has counted its nonces before the other goes on.
    done(await twin.token.mint(receiver.id, 1n));
    done(await stage.sponsor.act.token.mint(receiver.id, 2n));
    done(await twin.token.mint(receiver.id, 4n));
    done(await stage.sponsor.act.token.mint(receiver.id, 8n));
    expect((await stage.ledger.member(stage.run, receiver.id)).balanceWei).toBe(15n);

    const lost = await byHand(world, async () => {
      const sending = stage.sponsor.act.token.mint(receiver.id, 16n);
      await waiting(world, 1);
      const caught = sending.catch((fault: unknown) => fault);
      await world.anvil.request('anvil_dropAllTransactions');
      await world.anvil.request('anvil_setNonce', stage.sponsor.id, '0x100');
      await world.anvil.request('evm_mine');
      return caught;
    });
    // Dropped and sent again before the nonce moved, or not: either way it is not executed.
    expect(lost).toMatchObject({ code: 'CHAIN_NONCE_TAKEN', facts: { account: stage.sponsor.id } });
    done(await stage.sponsor.act.token.mint(receiver.id, 32n));
    expect((await stage.ledger.member(stage.run, receiver.id)).balanceWei).toBe(47n);
  });

  it('an account without coins is told what it lacks', async () => {
    const stage = await Stage.empty(world);
    const poor = await stage.actor('poor');
    await world.anvil.request('anvil_setBalance', poor.id, '0x0');
    await expect(poor.act.membership.checkIn(stage.run)).resolves.toMatchObject({ kind: 'reverted' });
    done(await stage.sponsor.act.token.mint(poor.id, 1n));
    await expect(poor.act.token.transfer(stage.sponsor.id, 1n)).rejects.toMatchObject({
      code: 'CHAIN_GAS_UNFUNDED',
    });
  });

  it('a branch that replaces another of the same length is noticed', async () => {
    const stage = await Stage.of(world, 1, 1);
    const { ledger, run } = stage;
    const fromBlock = (await ledger.head()).number + 1;
    const watching = new Watching(ledger, { fromBlock });
    await stage.open();
    done(await stage.sponsor.act.sponsor.pause(run));
    await watching.until(isPaused);
    await world.anvil.request('anvil_reorg', 2, []);
    await watching.until(({ removed, events }) => removed.length >= 2 && isPaused({ events }));
    const { keys } = await watching.stop();
    expect((await followToHead(ledger, { fromBlock })).keys).toEqual(keys);
    expect((await stage.state()).paused).toBe(true);
  });
});

describe('a node that is restarted', () => {
  let folder: string;
  let world: JsonRpcWorld;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flobc-chain-'));
    world = await jsonRpcWorld({ stateFile: join(folder, 'state.json') });
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  it('is found again: what was under way is done once, and a watcher goes on where it was', async () => {
    const stage = await Stage.of(world, 1, 1);
    const receiver = await stage.actor('receiver');
    const fromBlock = (await stage.ledger.head()).number + 1;
    const watching = new Watching(stage.ledger, { fromBlock });
    await stage.open();
    await watching.until(({ events }) => events.length > 0);
    await world.anvil.request('evm_setAutomine', false);
    const sending = [1n, 2n, 4n].map((amountWei) => stage.sponsor.act.token.mint(receiver.id, amountWei));
    await waiting(world, 3);
    await world.anvil.stop(); // its memory of waiting transactions is gone
    const paused = stage.sponsor.act.sponsor.pause(stage.run);
    await world.anvil.restart();
    for (const sent of await Promise.all(sending)) done(sent);
    done(await paused);
    await watching.until(isPaused);
    const { keys, removed } = await watching.stop();
    expect(removed).toEqual([]);
    expect((await followToHead(stage.ledger, { fromBlock })).keys).toEqual(keys);
    expect((await stage.ledger.member(stage.run, receiver.id)).balanceWei).toBe(7n);
  });

  it('is a fault when it does not come back', async () => {
    const stage = await Stage.empty(world);
    const chain = await world.another({ patienceMs: 1 });
    const ledger = await chain.attach(stage.ledger.addresses.ledger);
    await world.anvil.stop();
    try {
      await expect(ledger.head()).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
      const act = ledger.as(stage.sponsor.signer);
      await expect(act.sponsor.pause(stage.run)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    } finally {
      await world.anvil.restart();
    }
    done(await ledger.as(stage.sponsor.signer).sponsor.pause(stage.run));
  });
});
