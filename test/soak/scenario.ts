import { type Generator, generator } from '#libs/random';
import type { ActorId, Input, RunConfig, SchemeConfig } from '#libs/protocol';
import { configOf, joinOf, schemes, trainerId, validatorId, windows } from './cast.ts';

export interface TrainerPlan {
  readonly id: ActorId;
  /** Of its account on the ledger. */
  readonly number: number;
  /** Mean time of one local training. */
  readonly trainingMs: number;
  readonly habit: 'honest' | 'dead' | 'equivocates' | 'withholdsKey';
}

export interface ValidatorPlan {
  readonly id: ActorId;
  readonly number: number;
  readonly bondWei: bigint;
  /** Asleep between these instants; checks in when it wakes. */
  readonly asleep: { readonly fromMs: number; readonly toMs: number } | null;
  /** Instants at which it crashes and starts again from its own log. */
  readonly crashes: readonly number[];
}

/** Everything that makes one soak run differ from another, drawn from its seed. */
export interface Scenario {
  readonly seed: number;
  readonly config: RunConfig;
  readonly trainers: readonly TrainerPlan[];
  readonly validators: readonly ValidatorPlan[];
  readonly network: { readonly maxDelayMs: number; readonly loss: number; readonly duplication: number };
  /** Validators show each other their ballots, so that one settlement can bring all to the ledger. */
  readonly ballotsOnBus: boolean;
  /** What members and the Sponsor do on the ledger on the way. */
  readonly diary: readonly Input[];
}

export const rounds = 50;

/** About as long as a run of fifty rounds takes at least. */
const spanMs = rounds * 10_000;

export function scenarioOf(seed: number): Scenario {
  const draw = generator(seed).split('scenario');
  const kind = (['bsp', 'ssp', 'bap', 'buffered'] as const)[draw.integer(4)]!;
  const trainers = trainersOf(draw);
  const validators = validatorsOf(draw);
  return {
    seed,
    config: configOf({
      scheme: schemes[kind],
      windows,
      maxRounds: rounds,
      // With all of them needed, a Trainer that is away stops the run until it is back, and void rounds pass.
      minTrainers: trainers.length - draw.integer(2),
      // The one that may sleep is suspended when it does.
      minValidators: validators.filter(({ asleep }) => asleep === null).length,
      sampleSize: draw.integer(4) === 0 ? Math.max(2, trainers.length - 2) : 0,
      inactiveAfterRounds: 3,
    }),
    trainers,
    validators,
    network: {
      maxDelayMs: 50 + draw.integer(800),
      loss: draw.integer(4) / 100,
      duplication: draw.integer(20) / 100,
    },
    ballotsOnBus: draw.integer(3) > 0,
    diary: diaryOf(draw, trainers, validators),
  };
}

export const schemeKind = ({ config }: Scenario): SchemeConfig['kind'] => config.scheme.kind;

function trainersOf(draw: Generator): TrainerPlan[] {
  const count = 3 + draw.integer(4);
  // Fewer than half have bad habits: what is left is a majority under every scheme.
  const turned = draw.integer(7);
  let rogues = draw.integer(Math.ceil(count / 2));
  return Array.from({ length: count }, (_, i) => {
    const bad = rogues-- > 0;
    return {
      id: trainerId(i),
      number: 1 + ((5 * i + turned) % 7),
      trainingMs: 500 + draw.integer(i === count - 1 ? 15_000 : 4_000),
      habit: bad ? (['dead', 'equivocates', 'withholdsKey'] as const)[draw.integer(3)]! : 'honest',
    };
  });
}

function validatorsOf(draw: Generator): ValidatorPlan[] {
  const count = 1 + draw.integer(5);
  return Array.from({ length: count }, (_, i) => {
    const fromMs = draw.integer(spanMs);
    return {
      id: validatorId(i),
      number: 20 - i,
      bondWei: 100n + BigInt(draw.integer(40)),
      // One of three or more may sleep: it holds less than a third of the bond, so the others are a quorum without it.
      asleep:
        count >= 3 && count !== 4 && i === 0 && draw.integer(4) > 0
          ? { fromMs, toMs: fromMs + draw.integer(200_000) }
          : null,
      crashes: Array.from({ length: draw.integer(2) }, () => draw.integer(spanMs)),
    };
  });
}

function diaryOf(
  draw: Generator,
  trainers: readonly TrainerPlan[],
  validators: readonly ValidatorPlan[],
): Input[] {
  const diary: Input[] = [];
  const { id: leaver, number } = trainers[trainers.length - 1]!;
  if (draw.integer(2) === 0) {
    const atMs = draw.integer(spanMs);
    const backMs = atMs + 1000 + draw.integer(100_000);
    diary.push({ kind: 'leave', atMs, actor: leaver });
    diary.push({ ...joinOf('trainer', leaver, number, 7n), atMs: backMs });
  }
  if (draw.integer(3) === 0) {
    const atMs = draw.integer(spanMs);
    const { id: actor } = trainers[draw.integer(trainers.length)]!;
    diary.push(
      { kind: 'suspend', atMs, actor },
      { kind: 'checkIn', atMs: atMs + draw.integer(100_000), actor },
    );
  }
  if (draw.integer(3) === 0) {
    const atMs = draw.integer(spanMs);
    diary.push({ kind: 'pause', atMs }, { kind: 'resume', atMs: atMs + draw.integer(50_000) });
  }
  for (const { id, asleep } of validators) {
    if (asleep !== null) diary.push({ kind: 'checkIn', atMs: asleep.toMs, actor: id });
    if (draw.integer(4) === 0)
      diary.push({
        kind: 'bond',
        atMs: draw.integer(spanMs),
        actor: id,
        bondWei: 100n + BigInt(draw.integer(40)),
      });
  }
  return diary;
}
