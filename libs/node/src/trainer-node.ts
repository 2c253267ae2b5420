import {
  type CodecName,
  encode,
  type HyperInput,
  isExact,
  type Learner,
  type Parameters,
} from '#libs/learning';
import type { Shard } from '#libs/data';
import type { Cancel, Journal, LedgerActions, Workshop } from '#libs/ports';
import {
  type ActorId,
  type Duty,
  type Effect,
  find,
  openRound,
  type RunState,
  slotKey,
  trainingDuty,
} from '#libs/protocol';
import { encodeMessage, hexOf, type Message, receiptOf, type Signer } from '#libs/wire';
import type { Agent, Follower } from './follower.ts';
import type { Models } from './models.ts';
import type { Recall } from './recall.ts';
import { mayReturn } from './returning.ts';
import { giveBack, keyBytes, seal, sha256 } from './sealing.ts';
import { openingOf, updateIn } from './update-opener.ts';
import { messageIn } from './written.ts';

export interface TrainerOptions {
  readonly follower: Follower;
  readonly signer: Signer;
  readonly ledger: LedgerActions;
  readonly learner: Learner;
  readonly models: Models;
  readonly workshop: Workshop;
  readonly journal: Journal;
  readonly codec: CodecName;
  /** Where it shares one with those who open its updates: they find them opened. */
  readonly recall?: Recall;
  /** Examples of the given training, the Trainer's n-th. */
  readonly shardOf: (training: number) => Shard;
  readonly hyperOf: (version: number) => HyperInput;
  /** Identifies order and dropout of the given training. */
  readonly seedOf: (training: number) => string;
  /** Random bytes that nobody can guess, for a purpose. */
  readonly entropy: (purpose: string, length: number) => Uint8Array;
  /** What it does otherwise than an honest Trainer. */
  readonly conduct?: TrainerConduct;
}

/** Where a Trainer can be told to do otherwise; whatever is absent is done honestly. */
export interface TrainerConduct {
  /** What it trains on. */
  readonly shard?: (honest: Shard, training: number) => Shard;
  /** Does not train, but makes its update from this, in no time; null: trains. */
  readonly instead?: (context: TrainingContext) => Float32Array | null;
  readonly delta?: (honest: Float32Array, context: TrainingContext) => Float32Array;
  /** The bytes that it seals. */
  readonly bytes?: (honest: Uint8Array, context: TrainingContext) => Uint8Array;
  /** Factor on the time of a training. */
  readonly slowness?: (context: TrainingContext) => number;
  /** How long it is down, as if it had crashed and were started again, before it goes on; 0: it is not. */
  readonly downMs?: (context: TrainingContext) => number;
  readonly publishesKey?: (context: TrainingContext) => boolean;
}

export interface TrainingContext {
  /** Counts the updates that it has sent, from 0: a training that ended without one is done again under its number. */
  readonly training: number;
  readonly round: number;
  /** The model that it starts from, and its version. */
  readonly base: Parameters;
  readonly version: number;
}

type StartTraining = Extract<Duty, { kind: 'startTraining' }>;

/** Trains on certified models and sends what it has learned, sealed until the lineup stands. */
export class TrainerNode implements Agent {
  readonly actor: ActorId;
  readonly #options: TrainerOptions;
  #detach: Cancel | null = null;
  #busyWith: number | null = null;
  #next: StartTraining | null = null;
  #trainings = 0;
  #alive = true;
  #up: Promise<void> | null = null;

  constructor(options: TrainerOptions) {
    this.#options = options;
    this.actor = options.signer.address;
  }

  /** What it is doing, for whoever looks on. */
  get isTraining(): boolean {
    return this.#busyWith !== null && !this.isDown;
  }

  /** True while its conduct has it do nothing at all. */
  get isDown(): boolean {
    return this.#up !== null;
  }

  start(): void {
    for (let written = this.#written(0); written !== null; written = this.#written(this.#trainings)) {
      this.#trainings++;
      this.#sayAgain(written);
    }
    this.#detach = this.#options.follower.attach(this);
  }

  /** As if killed: nothing that was under way comes to an end. The journal stays. */
  stop(): void {
    this.#alive = false;
    this.#detach?.();
  }

  /**
   * What it had sent before it was killed and no settlement has used: it need not hear its own messages, and may have been
   * killed before anybody did.
   */
  #sayAgain(message: Message<'receipt'>): void {
    const { follower } = this.#options;
    const used = find(follower.state.trainers, this.actor)?.usedSequence ?? -1;
    if (message.body.sequence <= used) return;
    follower.say({ kind: 'receipt', receipt: follower.receipts.add(message) }, 'statement');
    this.#attempt(follower.publish(message));
  }

  /** The receipt of a training that it has sent, in its own words; null: none. */
  #written(training: number): Message<'receipt'> | null {
    const bytes = this.#options.journal.get(sent(training));
    return bytes === undefined ? null : (messageIn(bytes) as Message<'receipt'>);
  }

  carryOut(effect: Effect): void {
    if (effect.to !== this.actor) return;
    if (effect.kind === 'startTraining') this.#startTraining(effect);
    if (effect.kind === 'publishKey') this.#attempt(this.#publishKey(effect.sequence, effect.round));
  }

  begin(state: RunState): void {
    this.#return(state);
  }

  wanted(state: RunState): void {
    this.#return(state);
  }

  #return(state: RunState): void {
    if (this.isDown || !mayReturn(state, this.actor)) return;
    const { follower, ledger } = this.#options;
    this.#attempt(ledger.membership.checkIn(follower.run.domain.number));
  }

  #attempt(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (this.#alive) this.#options.follower.world.fail(error);
    });
  }

  /** A Trainer does one training at a time; asked again meanwhile, it goes on with the newest model afterwards. */
  #startTraining(duty: StartTraining): void {
    if (this.#busyWith !== null) {
      if (duty.base !== this.#busyWith) this.#next = duty;
      return;
    }
    this.#busyWith = duty.base;
    this.#attempt(
      this.#train(duty).finally(() => {
        this.#busyWith = null;
        const next = this.#next;
        this.#next = null;
        if (next !== null && this.#isStillDue(next)) this.#startTraining(next);
      }),
    );
  }

  #isStillDue({ base }: StartTraining): boolean {
    const { state } = this.#options.follower;
    const round = openRound(state);
    const me = find(state.trainers, this.actor);
    if (round === null || me === undefined || !this.#alive) return false;
    return trainingDuty(state, round, me).some((duty) => duty.kind === 'startTraining' && duty.base === base);
  }

  async #train(duty: StartTraining): Promise<void> {
    const { round, base: version } = duty;
    const { follower, models, conduct, shardOf, hyperOf } = this.#options;
    const { state } = follower;
    await follower.certificates.require(version);
    let base = await models.newest(state);
    // Whoever settled should have provided it; others look after that a little later.
    while (base === null && this.#isStillDue(duty)) {
      await this.#sleep(againMs);
      base = await models.newest(state);
    }
    if (base === null || follower.state.version !== version) return;
    const training = this.#trainings;
    const context: TrainingContext = { training, round, base, version };
    const downMs = conduct?.downMs?.(context) ?? 0;
    if (downMs > 0) {
      await this.#stayDown(downMs);
      if (!this.#isStillDue(duty)) return;
    }
    const honest = shardOf(training);
    const shard = conduct?.shard?.(honest, training) ?? honest;
    const hyper = hyperOf(version);
    const delta = conduct?.instead?.(context) ?? (await this.#learn(context, shard, hyper));
    if (!this.#alive) return;
    await this.#send(context, version, conduct?.delta?.(delta, context) ?? delta, samplesOf(shard, hyper));
  }

  async #learn(context: TrainingContext, shard: Shard, hyper: HyperInput): Promise<Float32Array> {
    const { learner, workshop, conduct, seedOf } = this.#options;
    const { base, training } = context;
    const work = {
      kind: 'training',
      samples: samplesOf(shard, hyper) * (conduct?.slowness?.(context) ?? 1),
      parameters: base.values.length,
    } as const;
    return workshop.run(work, async () => {
      const { parameters } = await learner.train({ parameters: base, shard, hyper, seed: seedOf(training) });
      return subtracted(parameters.values, base.values);
    });
  }

  /** What is asked of it meanwhile waits until it is up again. */
  async #stayDown(durationMs: number): Promise<void> {
    this.#up = this.#sleep(durationMs);
    await this.#up;
    this.#up = null;
  }

  async #send(context: TrainingContext, base: number, delta: Float32Array, samples: number): Promise<void> {
    const { follower, codec, conduct, entropy, journal, recall, signer } = this.#options;
    const { blobs, post } = follower.world;
    const layout = context.base.layout;
    const encoded = encode(codec, { layout, values: delta }, { samples });
    if (encoded.kind === 'refused') return; // NaN or infinity: nothing to send
    const plain = conduct?.bytes?.(encoded.bytes, context) ?? encoded.bytes;
    const digest = sha256(plain);
    const sequence = context.training;
    const key = entropy(`key ${sequence}`, keyBytes);
    const sealed = seal(plain, key);
    // What its own bytes mean it knows without reading them.
    const isKnown = isExact(codec) && plain === encoded.bytes && delta.buffer instanceof SharedArrayBuffer;
    if (isKnown) giveBack(plain);
    const receipt = post.sign(signer, 'receipt', {
      sequence,
      base,
      sealed: await blobs.put(sealed, { kind: 'update', by: signer.address }),
      plain: digest,
      sizeBytes: sealed.length,
    });
    if (!this.#alive) return;
    const known = receiptOf(receipt);
    await recall?.once(openingOf(known, hexOf(key)), () =>
      isKnown
        ? { trainer: this.actor, receipt: known.digest, delta, samples }
        : updateIn(plain, known, codec, layout),
    );
    await journal.put(keyOf(sequence), key);
    // Numbers without a gap: one that starts again counts what is in its journal.
    this.#trainings = sequence + 1;
    await journal.put(sent(sequence), encodeMessage(receipt));
    await follower.publish(receipt);
  }

  async #publishKey(sequence: number, round: number): Promise<void> {
    const { follower, journal, signer, conduct, models } = this.#options;
    await this.#up;
    if (!this.#alive) return;
    const key = journal.get(keyOf(sequence));
    const written = this.#written(sequence);
    if (key === undefined || written === null) return;
    const context = { training: sequence, round, base: models.initial, version: 0 };
    if (conduct?.publishesKey?.(context) === false) return;
    const receipt = follower.receipts.add(written).digest;
    const body = { sequence, receipt, key: hexOf(key) };
    await follower.publish(follower.world.post.sign(signer, 'updateKey', body));
  }

  #sleep(durationMs: number): Promise<void> {
    const { clock } = this.#options.follower.world;
    return new Promise((resolve) => {
      clock.at(clock.nowMs() + durationMs, resolve);
    });
  }
}

/** Before looking once more for a model that is not there. */
const againMs = 500;

const keyOf = (sequence: number): string => `key/${sequence}`;
const sent = (sequence: number): string => slotKey({ kind: 'receipt', sequence });

/** What is left of the first, in its place: memory for every update anew is what a large round would spend time on. */
function subtracted(from: Float32Array, what: Float32Array): Float32Array {
  for (let i = 0; i < from.length; i++) from[i] = from[i]! - what[i]!;
  return from;
}

/** Examples that a training sees, each as often as it is seen. */
export function samplesOf(
  { indices }: Shard,
  { epochs = 1, batchSize = 32, maxBatches }: HyperInput,
): number {
  return epochs * Math.min(indices.length, (maxBatches ?? Infinity) * batchSize);
}
