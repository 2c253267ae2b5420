import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, followToHead, type LedgerWorld, type Sent, Stage, Watching } from '#libs/ports';
import { type ChainUnderTest, inProcessWorld, jsonRpcWorld } from '#libs/testkit';

/** What may happen to a chain and to those who use it, in any order. */
type Act =
  /** Transactions sent at once, nobody waiting for them. */
  | { readonly kind: 'send'; readonly count: number }
  | { readonly kind: 'await' | 'mine' | 'mark' | 'rewind' | 'rewatch' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constantFrom('await' as const, 'mine', 'mark', 'rewind', 'rewatch') }),
);

/** Found by this test: new transactions once took the nonces of those that had fallen out and were not sent again yet. */
const nonceOfTheFallen: Act[] = [
  { kind: 'mark' },
  { kind: 'send', count: 3 },
  { kind: 'rewind' },
  { kind: 'send', count: 4 },
  { kind: 'send', count: 4 },
];

/** A Sponsor that creates runs, a watcher that sees them, and a chain that may lose both. */
class Scene {
  readonly #stage: Stage;
  readonly #fromBlock: number;
  readonly #sent: Promise<Sent>[] = [];
  #watching: Watching;
  #rewind: (() => Promise<void>) | null = null;
  /** The block of the last mark: no rewinding goes below it, now or later. */
  #firmBlock = Infinity;

  private constructor(stage: Stage, fromBlock: number) {
    this.#stage = stage;
    this.#fromBlock = fromBlock;
    this.#watching = new Watching(stage.ledger, { fromBlock });
  }

  static async open(world: LedgerWorld): Promise<Scene> {
    const stage = await Stage.empty(world);
    return new Scene(stage, stage.sent[0]!.block.number);
  }

  async play(step: Act): Promise<void> {
    const { world, sponsor, config, ledger } = this.#stage;
    switch (step.kind) {
      case 'send':
        for (let i = 0; i < step.count; i++) this.#sent.push(sponsor.act.sponsor.createRun(config));
        break;
      case 'await':
        await Promise.all(this.#sent);
        break;
      case 'mine':
        await world.passTime(1);
        break;
      case 'mark':
        // What is under way at a mark would be neither before nor after it.
        await Promise.all(this.#sent);
        this.#firmBlock = (await ledger.head()).number;
        this.#rewind = await world.mark();
        break;
      case 'rewind':
        await Promise.all(this.#sent);
        await this.#rewind?.();
        this.#rewind = null;
        break;
      case 'rewatch':
        await this.#resume();
    }
  }

  /** A watcher that dies, and another that goes on after the last block that cannot be rewound. */
  async #resume(): Promise<void> {
    const following = await this.#watching.stop();
    while ((following.standing.at(-1)?.block.number ?? 0) > this.#firmBlock) following.standing.pop();
    const after = following.standing.at(-1)?.block;
    const from = after === undefined ? { fromBlock: this.#fromBlock } : { after };
    this.#watching = new Watching(this.#stage.ledger, from, following);
  }

  /** Everything that was sent was executed once, and the watcher saw what somebody sees who looks afterwards. */
  async check(): Promise<void> {
    const { sponsor, config } = this.#stage;
    // It has the last nonce: when it is executed, all that had fallen out is in the chain again.
    this.#sent.push(sponsor.act.sponsor.createRun(config));
    for (const sent of await Promise.all(this.#sent)) done(sent);
    const created = BigInt(this.#sent.length + 1); // with the stage's own
    await this.#watching.until(
      ({ events }) => BigInt(events.filter(({ kind }) => kind === 'runCreated').length) === created,
    );
    const { keys } = await this.#watching.stop();
    expect(await this.#stage.ledger.runs()).toBe(created);
    const late = await followToHead(this.#stage.ledger, { fromBlock: this.#fromBlock });
    expect(late.keys).toEqual(keys);
  }
}

const hosts = [
  { host: 'the EVM inside the process', open: inProcessWorld, numRuns: 25 },
  { host: 'a node over JSON-RPC', open: jsonRpcWorld, numRuns: 8 },
];

describe.each(hosts)('on $host, whatever the order', ({ open, numRuns }) => {
  let world: ChainUnderTest;
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world.close());

  it('what is sent is executed once, and what happens is seen once', async () => {
    const whatever = fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
      const scene = await Scene.open(world);
      for (const step of acts) await scene.play(step);
      await scene.check();
    });
    await fc.assert(whatever, { numRuns, timeout: 20_000, examples: [[nonceOfTheFallen]] });
  });
});
