import type { RunFolderWriter, RunPlan, TransactionRecord } from '#libs/experiment';
import { ObserverNode, type Run, SchedulerNode } from '#libs/node';
import type { Chain, PolicySource, RunLog } from '#libs/ports';
import { type ActorId, type Digest, type Event, type EventOf, type RunState } from '#libs/protocol';
import type { Manifest, RunDomain } from '#libs/wire';
import { SimulatedLedger } from '../ledger/simulated-ledger.ts';
import { clockJobs } from '../time/clock-jobs.ts';
import { VirtualTime } from '../time/virtual-time.ts';
import { type Actor, castOf, keyOf } from './cast.ts';
import { deploy, type Deployment, planOf } from './deployment.ts';
import { noTime } from './devices.ts';
import { attackTest } from '../hostile/attack-test.ts';
import { Evaluator } from './evaluator.ts';
import { Keeper } from './keeper.ts';
import type { Ground } from './ground.ts';
import { type Player, playerOf } from './nodes.ts';
import type { RoundRecord, RunInProgress, RunObserver, RunResult } from './observer.ts';
import { type Meters, Recorder, tested, type Untested } from './recorder.ts';
import { actorResult } from './result.ts';
import { Retention } from './retention.ts';
import type { WorkCache } from './work-cache.ts';
import { networkOf, World } from './world.ts';

export interface SimulationOptions {
  /** An empty chain whose blocks take their time, in Unix seconds, from `now`, and that tells of each transaction. */
  readonly openChain: OpenChain;
  readonly policy: PolicySource;
  readonly observer?: RunObserver;
  /** Opens the folder to write down in what happens, once it is known where the run's money is. */
  readonly openFolder?: (ledger: Manifest['ledger']) => RunFolderWriter;
  /** Results of an interrupted run, to be looked up. */
  readonly cache?: WorkCache;
  /** Ends the run at the next boundary between rounds. */
  readonly signal?: AbortSignal;
}

export type OpenChain = (world: {
  readonly now: () => number;
  readonly onTransaction: (transaction: TransactionRecord) => void;
}) => Promise<Chain & { stateRoot(): Promise<Digest> }>;

/** Every simulation begins here; only differences of instants mean anything. */
const startMs = Date.UTC(2026, 0, 1);
/**
 * Runs a plan under the protocol, in virtual time: real training on the ground's data, real contracts on the chain, and
 * in between the nodes that hosted networks run. The same plan gives the same events, bit for bit.
 */
export async function simulate(
  plan: RunPlan,
  ground: Ground,
  options: SimulationOptions,
): Promise<RunResult> {
  const simulation = await Simulation.set(plan, ground, options);
  try {
    return await simulation.run();
  } finally {
    await simulation.close();
  }
}

class Simulation implements RunInProgress {
  readonly plan: RunPlan;
  readonly cast: readonly Actor[];
  readonly rounds: RoundRecord[] = [];
  readonly #ground: Ground;
  readonly #options: SimulationOptions;
  readonly #chain: Setting['chain'];
  readonly #keeper: Keeper | null;
  readonly #deployment: Deployment;
  readonly #world: World;
  readonly #players: readonly Player[];
  readonly #scheduler: SchedulerNode;
  readonly #recorder: Recorder;
  readonly #evaluator: Evaluator;
  readonly #retention: Retention;
  readonly #real = noTime();
  readonly #earnedWei = new Map<ActorId, bigint>();
  readonly #startReal = performance.now();
  #messageBytes = 0;
  #untested = 0;
  /** Instant at which the run ended; what is tested afterwards is not its time. */
  #overMs: number | null = null;

  static async set(plan: RunPlan, ground: Ground, options: SimulationOptions): Promise<Simulation> {
    const time = new VirtualTime(startMs);
    let keeper: Keeper | null = null;
    const early: TransactionRecord[] = [];
    const chain = await options.openChain({
      now: () => time.nowMs() / 1000,
      onTransaction: (transaction) => {
        if (keeper === null) early.push(transaction);
        else keeper.transaction(transaction);
      },
    });
    const cast = castOf(plan, ground.random);
    const sponsor = keyOf(ground.random, 'sponsor');
    const deployment = await deploy(plan, chain, options.policy, sponsor, cast);
    const { addresses } = deployment.ledger;
    const place = { chainId: chain.chainId, address: addresses.ledger, number: deployment.run };
    if (options.openFolder) keeper = new Keeper(options.openFolder(place), plan.keep, early);
    return new Simulation(plan, ground, options, { time, chain, cast, deployment, keeper });
  }

  private constructor(
    plan: RunPlan,
    ground: Ground,
    options: SimulationOptions,
    { time, chain, cast, deployment, keeper }: Setting,
  ) {
    this.plan = plan;
    this.cast = cast;
    this.#ground = ground;
    this.#options = options;
    this.#chain = chain;
    this.#keeper = keeper;
    this.#deployment = deployment;
    const network = networkOf(plan, ground, startMs);
    const ledger = new SimulatedLedger(time, network, deployment.ledger, plan.network.blockMs);
    for (const sent of deployment.sent) ledger.record(sent);
    this.#world = new World(time, network, ledger, runOf(deployment, chain), plan, ground);
    this.#evaluator = new Evaluator(ground, attackTest(plan, ground.test), time, this.#real, options.cache);
    this.#recorder = new Recorder(deployment.createdMs, () => this.#meters());
    const observed = this.#world.site(observerSite, this.#log());
    const { follower } = observed;
    this.#retention = new Retention(this.#world.blobs, follower.receipts, keeper);
    const look = (events: readonly Event[], now: RunState) => {
      this.#see(events, now);
    };
    new ObserverNode(follower, plan.learning.scoring === 'accuracy', this.#world.recall, look).start();
    observed.opener();
    this.#players = cast.map((actor) =>
      playerOf(actor, cast, plan, ground, this.#world, this.#real, options.cache),
    );
    const scheduler = this.#world.site(schedulerSite).follower;
    this.#scheduler = new SchedulerNode(
      scheduler,
      scheduler.world.ledger.as(keyOf(ground.random, 'scheduler')),
      clockJobs(time, scheduler.world.fail),
    );
  }

  get state(): RunState {
    return this.#world.site(observerSite).follower.state;
  }

  get nowMs(): number {
    return this.#world.time.nowMs();
  }

  activityOf(actor: ActorId): ReturnType<RunInProgress['activityOf']> {
    return this.#players.find((player) => player.actor.id === actor)?.device.activity ?? 'idle';
  }

  earnedWei(actor: ActorId): bigint {
    return this.#earnedWei.get(actor) ?? 0n;
  }

  async run(): Promise<RunResult> {
    const { time, sites } = { time: this.#world.time, sites: this.#world.sites };
    this.#options.observer?.started?.(this);
    for (const { follower } of sites) follower.start();
    for (const player of this.#players) player.start();
    this.#scheduler.start();
    this.#planCrashes();
    await time.run(() => this.#overMs !== null && this.#untested === 0);
    if (this.#world.fault !== null) throw this.#world.fault.error;
    return this.#result();
  }

  async close(): Promise<void> {
    for (const { follower } of this.#world.sites) follower.stop();
    await this.#chain.close();
  }

  /** What the plan makes of its sites: killed, and started again from what they have written down. */
  #planCrashes(): void {
    const { time } = this.#world;
    for (const { site, atMs, downMs } of this.plan.network.crashes) {
      const parts = [
        ...this.#players.filter(({ actor }) => actor.site === site),
        ...(site === schedulerSite ? [this.#scheduler] : []),
      ];
      time.at(startMs + atMs, () => {
        for (const part of parts) part.stop();
      });
      time.at(startMs + atMs + downMs, () => {
        for (const part of parts) part.start();
      });
    }
  }

  #log(): RunLog {
    const keeper = this.#keeper;
    return {
      statement: (bytes, atMs) => {
        this.#messageBytes += bytes.length;
        keeper?.statement(bytes, atMs);
      },
      input: (input, origin) => keeper?.input(input, origin),
      events: (events) => keeper?.events(events),
    };
  }

  #see(events: readonly Event[], state: RunState): void {
    for (const event of events) {
      if (event.kind === 'ballotRevealed') this.#keepBallot(event);
      if (event.kind === 'lineupPlaced') this.#retention.use(event.entries);
      if (event.kind === 'roundSettled') this.#pay(event.outcome);
      if (event.kind === 'roundOpened') this.#admit(event.round + 1);
      if (event.kind === 'runFinished' || event.kind === 'runHalted') this.#overMs = this.nowMs;
    }
    this.#options.observer?.events?.(events, this);
    for (const round of this.#recorder.see(events, state)) this.#test(round, state);
  }

  #keepBallot({ round, validator }: EventOf<'ballotRevealed'>): void {
    const ballot = this.#world.site(observerSite).follower.ballots.of(round).get(validator);
    if (ballot !== undefined) this.#keeper?.ballot(round, validator, ballot.scores, ballot.salt);
  }

  #pay({ rewards, penalties }: Extract<Event, { kind: 'roundSettled' }>['outcome']): void {
    for (const { actor, amountWei } of rewards) this.#earnedWei.set(actor, this.earnedWei(actor) + amountWei);
    for (const { actor, amountWei } of penalties)
      this.#earnedWei.set(actor, this.earnedWei(actor) - amountWei);
  }

  /** Lets those join who are to be there from a round on; what they ask for takes effect at the next boundary. */
  #admit(round: number): void {
    const { run } = this.#deployment;
    for (const { actor } of this.#players) {
      const { joinsAtRound, bondWei } = planOf(this.plan, actor);
      if (joinsAtRound !== round || round === 0) continue;
      const { membership } = this.#world.ledger.at(actor.site).as(actor.signer);
      membership
        .bond(run, bondWei)
        .then(() => membership.join(run, actor.role))
        .catch(this.#world.site(observerSite).follower.world.fail);
    }
  }

  /** Tests what a round has released while the next one trains; the record comes when that is done. */
  #test(round: Untested, state: RunState): void {
    const { models, follower } = this.#world.site(observerSite);
    this.#untested++;
    const evaluate = async () => {
      const model = await models.newest(state);
      // Files take real time, which must not pass unseen.
      await this.#world.time.perform(0, () => this.#retention.settle(state));
      return model === null ? null : this.#evaluator.test(model);
    };
    evaluate()
      .then((evaluation) => {
        const record = tested(round, evaluation);
        this.rounds.push(record);
        this.#keeper?.round(record);
        this.#options.observer?.round?.(record, this);
        this.#untested--;
        // The results so far are whole: here a run can be left.
        if (this.#options.signal?.aborted === true) this.#world.time.stop();
      })
      .catch(follower.world.fail);
  }

  #meters(): Meters {
    const { gas, realMs } = this.#world.ledger.use;
    const blobBytes = this.#world.sites.reduce((sum, { name }) => {
      const { upBytes, downBytes } = this.#world.blobs.moved(name);
      return sum + upBytes + downBytes;
    }, 0);
    return { gas, blobBytes, messageBytes: this.#messageBytes, chain: realMs, ...this.#real };
  }

  async #result(): Promise<RunResult> {
    const { stage } = this.state;
    const end = stage.kind === 'finished' || stage.kind === 'halted' ? stage.kind : 'stopped';
    if (end === 'finished') await this.#finish();
    const virtualMs = (this.#overMs ?? this.nowMs) - startMs;
    const { ledger, run } = this.#deployment;
    const accounts = { plan: this.plan, ledger, run, state: this.state, rounds: this.rounds, virtualMs };
    const result: RunResult = {
      end,
      rounds: this.rounds,
      actors: await Promise.all(
        this.#players.map(({ actor, device }) => actorResult(actor, device.busyMs, accounts)),
      ),
      accuracy: this.rounds.findLast(({ accuracy }) => accuracy !== null)?.accuracy ?? null,
      virtualMs,
      realSeconds: (performance.now() - this.#startReal) / 1000,
    };
    const { version, release } = this.state;
    const stateRoot = await this.#chain.stateRoot();
    this.#keeper?.summary(result, { model: version === 0 ? null : release, stateRoot });
    if (end !== 'stopped') this.#options.cache?.drop();
    return result;
  }

  /** The ledger does not know how many rounds were planned: the Sponsor tells it, and gets back what was not spent. */
  async #finish(): Promise<void> {
    const { ledger, run } = this.#deployment;
    const sent = await ledger.as(keyOf(this.#ground.random, 'sponsor')).sponsor.finish(run);
    this.#world.ledger.record(sent);
  }
}

interface Setting {
  readonly time: VirtualTime;
  readonly chain: Awaited<ReturnType<OpenChain>>;
  readonly cast: readonly Actor[];
  readonly deployment: Deployment;
  readonly keeper: Keeper | null;
}

const observerSite = 'observer';
const schedulerSite = 'scheduler';

function runOf({ ledger, run, config, createdMs }: Deployment, { chainId }: Chain): Run {
  const domain: RunDomain = { run: config.run, chainId, ledger: ledger.addresses.ledger, number: run };
  return { config, domain, createdMs };
}
