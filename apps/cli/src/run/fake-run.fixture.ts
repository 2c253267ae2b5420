import { createHash } from 'node:crypto';
import { parseRunFile, type RunPlan } from '#libs/experiment';
import {
  type ActorId,
  billion,
  createRun,
  type Digest,
  type Duty,
  type Effect,
  type Event,
  find,
  type Input,
  type Outcome,
  parseConfig,
  type RunState,
  step,
  type Tally,
} from '#libs/protocol';
import { generator } from '#libs/random';
import type { ActorResult, CastMember, RoundRecord, RunInProgress, RunResult } from '#libs/simulation';

/**
 * A run as its observers see it, without an engine: the protocol is the real one, and what its actors do is made up from
 * their names. Everything in it follows from the run file.
 */
export class FakeRun implements RunInProgress {
  readonly plan: RunPlan;
  readonly cast: readonly CastMember[];
  readonly rounds: RoundRecord[] = [];
  state: RunState;
  nowMs = startMs;
  readonly #activities = new Map<ActorId, ReturnType<RunInProgress['activityOf']>>();
  readonly #earnedWei = new Map<ActorId, bigint>();
  readonly #sequences = new Map<ActorId, number>();
  readonly #agenda: Task[] = [];
  #order = 0;
  #openedMs = startMs;
  #trainers: readonly ActorId[] = [];
  #scores = new Map<ActorId, readonly number[]>();

  static async of(text: string): Promise<FakeRun> {
    const { plan } = await parseRunFile(text, { file: 'fake.yaml', folder: '.' });
    return new FakeRun(plan);
  }

  private constructor(plan: RunPlan) {
    this.plan = plan;
    this.cast = castOf(plan);
    const parsed = parseConfig({ run: digestOf(plan.name), ...plan.protocol });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    this.state = createRun(parsed.config, startMs);
  }

  activityOf(actor: ActorId): ReturnType<RunInProgress['activityOf']> {
    return this.#activities.get(actor) ?? 'idle';
  }

  earnedWei(actor: ActorId): bigint {
    return this.#earnedWei.get(actor) ?? 0n;
  }

  /** What observers are told, call by call; the run goes on when they ask for the next. */
  *play(): Generator<{ readonly events: readonly Event[] } | { readonly round: RoundRecord }> {
    this.#feed(1, { kind: 'fund' });
    for (const [i, { id, role, position }] of this.cast.entries()) {
      const bondWei = this.plan[`${role}s`][position]!.bondWei;
      this.#feed(2, { kind: 'join', actor: id, role, number: i + 1, bondWei });
    }
    for (let task = this.#next(); task !== undefined; task = this.#next()) {
      const { atMs, perform } = task;
      this.nowMs = Math.max(this.nowMs, atMs);
      const input = perform();
      const { state, events, effects } = step(this.state, { ...input, atMs: this.nowMs });
      this.state = state;
      for (const event of events) this.#note(event);
      for (const effect of effects) this.#plan(effect);
      yield { events };
      for (const event of events) {
        const record = this.#recordOf(event);
        if (record === null) continue;
        this.rounds.push(record);
        yield { round: record };
      }
    }
  }

  /** Plays on until it is so, or to the end. */
  until(holds: (run: this) => boolean): this {
    const moments = this.play();
    while (!holds(this) && !moments.next().done);
    return this;
  }

  result(end: RunResult['end'] = 'finished'): RunResult {
    return {
      end,
      rounds: this.rounds,
      actors: this.cast.map((member) => this.#resultOf(member)),
      accuracy: this.rounds.findLast(({ accuracy }) => accuracy !== null)?.accuracy ?? null,
      virtualMs: this.nowMs - startMs,
      realSeconds: this.rounds.reduce((sum, { real }) => sum + real.wall, 0),
    };
  }

  #resultOf(member: CastMember): ActorResult {
    const { id, role } = member;
    const verdicts = this.rounds.flatMap((round) => round.verdicts.filter(({ trainer }) => trainer === id));
    const penaltiesWei = this.rounds
      .flatMap(({ penalties }) => penalties.filter(({ actor }) => actor === id))
      .reduce((sum, { amountWei }) => sum + amountWei, 0n);
    const accepted = verdicts.filter((verdict) => verdict.accepted).length;
    return {
      ...member,
      trust: role === 'trainer' ? (find(this.state.trainers, id)?.trust ?? 0) : null,
      accepted,
      refused: verdicts.length - accepted,
      rewardsWei: this.earnedWei(id) + penaltiesWei,
      penaltiesWei,
      profitWei: this.earnedWei(id),
      bondWei: 50n * 10n ** 18n - penaltiesWei,
      jailedUntilRound: 0,
      idle: shareOf('idle', id),
    };
  }

  #next(): Task | undefined {
    const ended = this.state.stage.kind === 'finished' || this.state.stage.kind === 'halted';
    this.#agenda.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    return ended ? undefined : this.#agenda.shift();
  }

  #at(delayMs: number, perform: () => Said): void {
    this.#agenda.push({ atMs: this.nowMs + Math.round(delayMs), order: this.#order++, perform });
  }

  #feed(delayMs: number, said: Said): void {
    this.#at(delayMs, () => said);
  }

  #note(event: Event): void {
    if (event.kind === 'roundOpened') {
      this.#openedMs = event.atMs;
      this.#scores = new Map();
    }
    if (event.kind === 'lineupPlaced') this.#trainers = event.entries.map(({ trainer }) => trainer);
    if (event.kind === 'ballotRevealed') this.#scores.set(event.validator, event.scores);
    if (event.kind !== 'roundSettled') return;
    const { rewards, penalties } = event.outcome;
    const pay = (actor: ActorId, wei: bigint) => this.#earnedWei.set(actor, this.earnedWei(actor) + wei);
    for (const { actor, amountWei } of rewards) pay(actor, amountWei);
    for (const { actor, amountWei } of penalties) pay(actor, -amountWei);
  }

  #plan(effect: Effect): void {
    if (effect.kind === 'setDeadline') {
      const { dueMs, clock } = effect;
      if (clock === 'own') this.#feed(dueMs - this.nowMs, { kind: 'time' });
    }
    if ('round' in effect) this.#carryOut(effect);
  }

  /** Each duty takes its time, and keeps the device of its actor busy for it. */
  #carryOut(duty: Duty): void {
    const { round } = duty;
    if (duty.kind === 'openRound') {
      const committee = this.cast
        .filter(({ role }) => role === 'validator')
        .map(({ id, position }) => ({ id, bondWei: this.plan.validators[position]!.bondWei }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      this.#feed(1000, { kind: 'open', round, committee });
      return;
    }
    if (duty.to === 'anybody') return;
    const actor = duty.to;
    const busy = busyWith[duty.kind] ?? 'idle';
    const delayMs = this.#costMs(duty.kind, actor, round);
    this.#activities.set(actor, this.#isDown(actor, round) ? 'down' : busy);
    this.#at(delayMs, () => {
      this.#activities.set(actor, 'idle');
      return this.#saying(duty, actor);
    });
  }

  #isDown(actor: ActorId, round: number): boolean {
    return this.#memberOf(actor).behaviour === 'crash' && shareOf('down', actor, round) < 0.5;
  }

  #costMs(kind: Duty['kind'], actor: ActorId, round: number): number {
    const share = shareOf(kind, actor, round);
    const slow = this.#memberOf(actor).behaviour === 'straggler' ? 3 : 1;
    if (kind === 'startTraining') return slow * (20_000 + 30_000 * share);
    if (kind === 'score') return 5_000 + 10_000 * share;
    if (kind === 'merge') return 500 + 500 * share;
    return 50 + 1000 * share;
  }

  #saying(duty: Exclude<Duty, { kind: 'openRound' }>, actor: ActorId): Said {
    const { round } = duty;
    switch (duty.kind) {
      case 'startTraining': {
        const sequence = this.#sequences.get(actor) ?? 0;
        this.#sequences.set(actor, sequence + 1);
        const name = (what: string) => digestOf(what, actor, sequence);
        const digests = { sealed: name('sealed'), plain: name('plain'), digest: name('receipt') };
        const receipt = { trainer: actor, sequence, base: duty.base, ...digests, sizeBytes: 178_000 };
        return { kind: 'receipt', receipt };
      }
      case 'proposeLineup': {
        const { attempt, parent, entries } = duty;
        const lineup = digestOf('lineup', ...entries.map(({ receipt }) => receipt));
        return { kind: 'proposal', round, attempt, parent, proposer: actor, lineup, entries };
      }
      case 'signLineup': {
        const { attempt, parent, lineup } = duty;
        return { kind: 'lineupSignature', round, attempt, parent, validator: actor, lineup };
      }
      case 'placeLineup':
        return { kind: 'lineup', round, lineup: duty.lineup, entries: duty.entries };
      case 'publishKey':
        return { kind: 'opened', round, trainer: actor, sequence: duty.sequence, intact: true };
      case 'score':
        return { kind: 'scored', round, validator: actor };
      case 'commitBallot':
        return { kind: 'commit', round, validator: actor, commitment: digestOf('commit', actor, round) };
      case 'revealBallot':
        return { kind: 'reveal', round, validator: actor, scores: this.#scoresOf(actor, round) };
      case 'previewSettlement': {
        const outcome = this.#outcomeOf(duty.tallies);
        return { kind: 'preview', round, outcome, parent: digestOf('preview', round) };
      }
      case 'merge':
        return { kind: 'merged', round, validator: actor, model: digestOf('model', round) };
      case 'signCertificate': {
        const { parent, model } = duty;
        return { kind: 'certificateSignature', round, parent, validator: actor, model };
      }
      case 'settle': {
        const { certified, tallies } = duty;
        const outcome = this.#outcomeOf(tallies);
        return { kind: 'settlement', round, outcome, model: certified?.model ?? null };
      }
    }
  }

  #scoresOf(validator: ActorId, round: number): number[] {
    const flips = this.#memberOf(validator).behaviour === 'voteFlip';
    return this.#trainers.map((trainer) => {
      const merit = meritOf(this.#memberOf(trainer), round);
      const score = Math.round(merit + 20 * (shareOf('score', validator, trainer, round) - 0.5));
      return flips ? -score : score;
    });
  }

  /** After the manner of ProportionalPolicy: trust goes a tenth of the way, the pool is dealt by trust. */
  #outcomeOf(tallies: readonly Tally[]): Outcome {
    const lineup = this.#trainers;
    const verdicts = tallies.map((tally) => {
      const accepted = tally !== 'unavailable' && tally >= -60;
      return { accepted, tally, weight: accepted ? billion / 2 : 0 };
    });
    const trusts = lineup.map((trainer, i) => {
      const { accepted, tally } = verdicts[i]!;
      const aim = accepted ? 0.5 + Math.max(-1, Math.min(1, Number(tally) / 150)) / 2 : 0;
      const before = find(this.state.trainers, trainer)!.trust;
      return { trainer, trust: Math.round(before + (aim * billion - before) / 10) };
    });
    const { poolWei } = this.plan.economy;
    const paid = lineup.filter((_, i) => verdicts[i]!.accepted);
    const validators = this.cast.filter(({ role }) => role === 'validator').map(({ id }) => id);
    const deal = (to: readonly ActorId[], partWei: bigint) =>
      to.map((actor) => ({ actor, amountWei: partWei / BigInt(to.length) }));
    const punished = lineup.filter((_, i) => {
      const { tally } = verdicts[i]!;
      return tally !== 'unavailable' && tally < -300;
    });
    return {
      verdicts,
      trusts,
      rewards: [...deal(paid, (poolWei * 7n) / 10n), ...deal(validators, (poolWei * 3n) / 10n)],
      penalties: punished.map((actor) => ({ actor, amountWei: 5n * 10n ** 17n, jailedUntilRound: 0 })),
    };
  }

  #recordOf(event: Event): RoundRecord | null {
    if (event.kind !== 'roundSettled' && event.kind !== 'roundVoided') return null;
    const { round } = event;
    const outcome = event.kind === 'roundSettled' ? event.outcome : null;
    const lineup = this.#trainers;
    const accuracy = outcome === null ? (this.rounds.at(-1)?.accuracy ?? null) : accuracyOf(round);
    const seconds = (name: string, most: number) => most * (0.5 + shareOf(name, round) / 2);
    return {
      round,
      result: outcome === null ? 'void' : 'released',
      version: this.state.version,
      openedMs: this.#openedMs - startMs,
      endedMs: event.atMs - startMs,
      accuracy,
      loss: accuracy === null ? null : -Math.log(accuracy),
      perClass: accuracy === null ? [] : perClassOf(accuracy),
      verdicts: (outcome?.verdicts ?? []).map(({ accepted, tally }, i) => ({
        trainer: lineup[i]!,
        accepted,
        tally: tally === 'unavailable' ? null : tally,
        staleness: 0,
        rewardWei: outcome?.rewards.find(({ actor }) => actor === lineup[i])?.amountWei ?? 0n,
      })),
      trusts: outcome?.trusts ?? [],
      penalties: (outcome?.penalties ?? []).map(({ actor, amountWei }) => ({ actor, amountWei })),
      agreement: [...this.#scores].map(([validator, scores]) => ({
        validator,
        distanceBp: this.#distanceOf(scores, outcome),
      })),
      gas: 500_000 + 20_000 * lineup.length,
      messageBytes: 4_000 * lineup.length,
      blobBytes: 178_000 * lineup.length,
      real: {
        wall: seconds('wall', 3),
        training: seconds('training', 2.2),
        scoring: seconds('scoring', 0.9),
        merging: seconds('merging', 0.1),
        chain: seconds('chain', 0.4),
        testing: seconds('testing', 0.2),
      },
    };
  }

  #distanceOf(scores: readonly number[], outcome: Outcome | null): number {
    const distances = scores.map((score, i) => {
      const tally = outcome?.verdicts[i]?.tally;
      return typeof tally === 'number' ? Math.abs(score - tally) : 0;
    });
    return distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length);
  }

  #memberOf(actor: ActorId): CastMember {
    return this.cast.find(({ id }) => id === actor)!;
  }
}

type Said = Input extends infer One ? (One extends Input ? Omit<One, 'atMs'> : never) : never;

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly perform: () => Said;
}

export const startMs = Date.UTC(2026, 0, 1);

const busyWith: Partial<Record<Duty['kind'], ReturnType<RunInProgress['activityOf']>>> = {
  startTraining: 'training',
  score: 'scoring',
  merge: 'merging',
};

export function digestOf(...parts: readonly (string | number)[]): Digest {
  return `0x${createHash('sha256').update(parts.join('|')).digest('hex')}`;
}

/** A number in [0, 1) that goes with a name. */
export const shareOf = (...parts: readonly (string | number)[]): number =>
  generator('fake')
    .split(...parts)
    .uniform();

export function castOf(plan: RunPlan): CastMember[] {
  const member = (role: CastMember['role'], position: number, behaviour: string): CastMember => {
    const name = `${role}-${position}`;
    const id: ActorId = `0x${digestOf(name).slice(2, 42)}`;
    return { id, name, role, position, behaviour, site: name };
  };
  return [
    ...plan.trainers.map(({ behaviour }, i) => member('trainer', i, behaviour.kind)),
    ...plan.validators.map(({ behaviour }, i) => member('validator', i, behaviour.kind)),
  ];
}

const harm: Partial<Record<string, number>> = {
  noise: -150,
  signFlip: -800,
  scale: -400,
  freeRide: -5,
  badBytes: -90,
};

function meritOf({ behaviour, name }: CastMember, round: number): number {
  const damage = harm[behaviour];
  return damage ?? 30 + 60 * shareOf('merit', name) + 20 * (shareOf('merit', name, round) - 0.5);
}

function accuracyOf(round: number): number {
  return 0.98 - 0.55 * Math.exp(-round / 2.5) - 0.01 * shareOf('accuracy', round);
}

function perClassOf(accuracy: number): RoundRecord['perClass'] {
  return Array.from({ length: 10 }, (_, digit) => {
    const correct = Math.round(1000 * Math.min(1, accuracy + 0.02 * (shareOf('digit', digit) - 0.5)));
    return { examples: 1000, correct, predicted: 1000 };
  });
}
