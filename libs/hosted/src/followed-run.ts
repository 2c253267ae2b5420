import type { RunFolderWriter, RunPlan } from '#libs/experiment';
import type { Evaluation } from '#libs/learning';
import { Follower, Models, ObserverNode, type Run, type Surroundings } from '#libs/node';
import type { ActorId, Digest, Event, EventOf, RunState } from '#libs/protocol';
import {
  actorResult,
  type CastMember,
  type Ground,
  Keeper,
  recallFor,
  Recorder,
  type RoundRecord,
  type RunInProgress,
  type RunObserver,
  type RunResult,
  tested,
  type Untested,
} from '#libs/simulation';
import { PhaseClock } from './phase-clock.ts';
import { Presence } from './presence.ts';
import type { Tests } from './tests.ts';

export interface Following {
  readonly plan: RunPlan;
  readonly run: Run;
  readonly world: Omit<Surroundings, 'log'>;
  readonly cast: readonly CastMember[];
  readonly ground: Pick<Ground, 'initial' | 'learner' | 'test'>;
  readonly folder: RunFolderWriter;
  readonly tests: Tests;
  readonly observer: RunObserver;
  /** Gas of all transactions, and bytes of all that was moved, so far. */
  readonly traffic: () => { readonly gas: number; readonly blobBytes: number };
  /** Processes that are not there, as far as anybody knows. */
  readonly isDown: (actor: ActorId) => boolean;
}

/** A run on real parts, as somebody who looks on sees it: tests what is released, and writes down what happens. */
export class FollowedRun implements RunInProgress {
  readonly plan: RunPlan;
  readonly cast: readonly CastMember[];
  readonly rounds: RoundRecord[] = [];
  readonly ended: Promise<void>;
  readonly #following: Following;
  readonly #follower: Follower;
  readonly #models: Models;
  readonly #keeper: Keeper;
  readonly #recorder: Recorder;
  readonly #phases = new PhaseClock();
  readonly #presence = new Presence();
  readonly #earnedWei = new Map<ActorId, bigint>();
  readonly #start = performance.now();
  #messageBytes = 0;
  #testing: Promise<void> = Promise.resolve();
  #testMs = 0;
  #end: () => void = () => undefined;

  constructor(following: Following) {
    const { plan, cast, run, world, ground, folder } = following;
    this.plan = plan;
    this.cast = cast;
    this.#following = following;
    this.#keeper = new Keeper(folder, plan.keep);
    const keeper = this.#keeper;
    const log = {
      statement: (bytes: Uint8Array, atMs: number) => {
        this.#messageBytes += bytes.length;
        keeper.statement(bytes, atMs);
      },
      input: keeper.input.bind(keeper),
      events: keeper.events.bind(keeper),
    };
    const recall = recallFor(plan);
    this.#follower = new Follower(run, { ...world, log });
    this.#models = new Models(ground.initial, world.blobs, recall);
    this.#recorder = new Recorder(run.createdMs, () => ({
      ...this.#phases.spent,
      ...following.traffic(),
      messageBytes: this.#messageBytes,
      testing: this.#testMs,
    }));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const look = (events: readonly Event[], state: RunState) => {
      this.#see(events, state);
    };
    new ObserverNode(this.#follower, plan.learning.scoring === 'accuracy', recall, look).start();
  }

  get state(): RunState {
    return this.#follower.state;
  }

  get nowMs(): number {
    return this.#following.world.clock.nowMs();
  }

  activityOf(actor: ActorId): ReturnType<RunInProgress['activityOf']> {
    return this.#following.isDown(actor) ? 'down' : this.#presence.activityOf(actor);
  }

  earnedWei(actor: ActorId): bigint {
    return this.#earnedWei.get(actor) ?? 0n;
  }

  /** Reads what has happened so far, and follows on from there. */
  async start(): Promise<void> {
    this.#following.observer.started?.(this);
    await this.#follower.catchUp();
  }

  /** Ends the following, not the run; all that was released by then has been tested. */
  async stop(): Promise<void> {
    this.#follower.stop();
    await this.#testing;
  }

  #see(events: readonly Event[], state: RunState): void {
    this.#phases.see(events);
    this.#presence.see(state, this.nowMs);
    for (const event of events) {
      if (event.kind === 'ballotRevealed') this.#keepBallot(event);
      if (event.kind === 'roundSettled') this.#pay(event);
      if (event.kind === 'runFinished' || event.kind === 'runHalted') this.#end();
    }
    this.#following.observer.events?.(events, this);
    for (const round of this.#recorder.see(events, state)) this.#test(round, state);
  }

  #keepBallot({ round, validator }: EventOf<'ballotRevealed'>): void {
    const ballot = this.#follower.ballots.of(round).get(validator);
    if (ballot !== undefined) this.#keeper.ballot(round, validator, ballot.scores, ballot.salt);
  }

  #pay({ outcome: { rewards, penalties } }: EventOf<'roundSettled'>): void {
    for (const { actor, amountWei } of rewards) this.#earnedWei.set(actor, this.earnedWei(actor) + amountWei);
    for (const { actor, amountWei } of penalties)
      this.#earnedWei.set(actor, this.earnedWei(actor) - amountWei);
  }

  /** One after the other, beside everything else: records come in the order of the rounds. */
  #test(round: Untested, { version, release }: RunState): void {
    this.#testing = this.#testing
      .then(async () => {
        const evaluation = await this.#evaluate(version, release);
        const record = tested(round, evaluation);
        this.rounds.push(record);
        this.#keeper.round(record);
        this.#following.observer.round?.(record, this);
      })
      .catch(this.#following.world.fail);
  }

  /** null: the model is no longer kept by anybody, and was never tested here. */
  async #evaluate(version: number, release: Digest): Promise<Evaluation | null> {
    const { tests, ground } = this.#following;
    return tests.once(release, async () => {
      const model = await this.#models.newest({ version, release });
      if (model === null) return null;
      await this.#keepModel(release);
      const start = performance.now();
      const [evaluation] = await ground.learner.evaluate([model], ground.test);
      this.#testMs += performance.now() - start;
      return evaluation!;
    });
  }

  async #keepModel(release: Digest): Promise<void> {
    const bytes = await this.#following.world.blobs.get(release, Infinity);
    await this.#keeper.model(release, bytes);
  }

  async result(): Promise<RunResult> {
    await this.#testing;
    const { run, world } = this.#following;
    const { stage, version, release } = this.state;
    const virtualMs = Math.max(0, this.nowMs - run.createdMs);
    const { ledger } = world;
    const { plan, state, rounds, nowMs } = this;
    const accounts = { plan, ledger, run: run.domain.number, state, rounds, virtualMs };
    const actors = this.cast.map((member) =>
      actorResult(member, this.#presence.busyMs(member.id, nowMs), accounts),
    );
    const result: RunResult = {
      end: stage.kind === 'finished' || stage.kind === 'halted' ? stage.kind : 'stopped',
      rounds: this.rounds,
      actors: await Promise.all(actors),
      accuracy: this.rounds.findLast(({ accuracy }) => accuracy !== null)?.accuracy ?? null,
      virtualMs,
      realSeconds: (performance.now() - this.#start) / 1000,
    };
    this.#keeper.summary(result, { model: version === 0 ? null : release, stateRoot: null });
    return result;
  }
}
