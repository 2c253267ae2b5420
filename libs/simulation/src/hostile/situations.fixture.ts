import type { Agent, BallotContext, TrainingContext } from '#libs/node';
import type { ActorId, Digest, Entry, Event, Phase, RunState } from '#libs/protocol';
import { generator } from '#libs/random';
import type { TrainerSetting, ValidatorSetting, Watched } from './setting.ts';

// What conduct finds itself in, without a run around it.

export const actor = (n: number): ActorId => `0x${n.toString(16).padStart(40, '0')}`;
export const digest = (n: number): Digest => `0x${n.toString(16).padStart(64, '0')}`;

export const me = actor(1);

/** The n-th update of a Trainer, with a receipt of its own. */
export const entryOf = (trainer: ActorId, sequence = 0): Entry => ({
  trainer,
  sequence,
  base: 0,
  receipt: digest(1_000 * Number(BigInt(trainer)) + sequence),
});

/** Round 0 in a phase, as far as a hostile actor looks at it. */
export const stateIn = (phase: object): RunState =>
  ({
    version: 0,
    stage: { kind: 'round', round: { number: 0, phase: phase as Phase } },
  }) as unknown as RunState;

/** A training that starts from a model of the given version; a round is settled with a release if not said otherwise. */
export function trainingFrom(
  values: readonly number[],
  { training = 0, round, version }: { training?: number; round?: number; version?: number } = {},
): TrainingContext {
  const layout = [{ name: 'weights', shape: [values.length], offset: 0, size: values.length }];
  const base = { layout, values: Float32Array.from(values) };

  return { training, round: round ?? training, base, version: version ?? training };
}

export const ballotOn = (
  trainers: readonly ActorId[],
  { round = 0, scoresBase = false } = {},
): BallotContext => ({
  round,
  entries: trainers.map((trainer) => entryOf(trainer)),
  scoresBase,
  state: stateIn({ kind: 'commit' }),
});

/** A follower of which a test says what it sees, with a clock that a test moves on. */
export class Watching implements Watched {
  state: RunState = stateIn({ kind: 'training' });
  readonly #agents: Agent[] = [];
  readonly #timers: { readonly atMs: number; readonly call: () => void }[] = [];
  #nowMs = 0;

  readonly world = {
    clock: {
      nowMs: () => this.#nowMs,
      at: (atMs: number, call: () => void) => {
        this.#timers.push({ atMs, call });
        return () => undefined;
      },
    },
  };

  attach(agent: Agent): () => void {
    this.#agents.push(agent);
    return () => undefined;
  }

  see(...events: readonly object[]): void {
    for (const agent of this.#agents) agent.see?.(events as readonly Event[], this.state);
  }

  passTime(untilMs: number): void {
    this.#nowMs = untilMs;
    for (const { atMs, call } of this.#timers) if (atMs <= untilMs) call();
  }
}

export function trainerSetting(change: Partial<TrainerSetting> = {}): TrainerSetting {
  const opener = { get: () => undefined };
  return {
    me,
    random: generator('seed').split('trainer'),
    classes: 10,
    opener,
    follower: new Watching(),
    ...change,
  };
}

export function validatorSetting(change: Partial<ValidatorSetting> = {}): ValidatorSetting {
  return {
    me,
    random: generator('seed').split('validator'),
    groupRandom: (group) => generator('seed').split('group', group),
    follower: new Watching(),
    trainers: [actor(11), actor(12), actor(13), actor(14)],
    ...change,
  };
}

/** Mean and standard deviation. */
export function momentsOf(values: Iterable<number>): { readonly mean: number; readonly deviation: number } {
  const all = [...values];
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  return { mean, deviation: Math.sqrt(variance) };
}
