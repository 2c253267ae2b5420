import type { RunPlan } from '#libs/experiment';
import type { Evaluation } from '#libs/learning';
import type { ActorId } from '#libs/protocol';
import { castOf } from '../run/cast.ts';
import { Keeper } from '../run/keeper.ts';
import type { SimulationOptions } from '../run/simulate.ts';
import type { Ground } from '../run/ground.ts';
import type {
  ActorResult,
  CastMember,
  LocalRecord,
  RoundRecord,
  RunInProgress,
  RunResult,
} from '../run/observer.ts';
import { alone } from './alone.ts';
import type { BaselineRound } from './baseline.ts';
import { fedavg } from './fedavg.ts';
import { pooled } from './pooled.ts';

export type BaselineOptions = Pick<SimulationOptions, 'observer' | 'signal' | 'openFolder'>;

/** Where the money of a run without money is. */
const nowhere = { chainId: 0n, address: `0x${'00'.repeat(20)}`, number: 0n } as const;

const baselines = { fedavg, pooled, alone } as const;

/**
 * Runs a plan without votes, money or chain, on the data, the model and the draws that it would have with them: what every
 * result under the protocol is compared with.
 */
export async function runBaseline(
  plan: RunPlan & { readonly coordination: keyof typeof baselines },
  ground: Ground,
  { observer, signal, openFolder }: BaselineOptions,
): Promise<RunResult> {
  const baseline = baselines[plan.coordination](plan, ground);
  const progress = new Progress(plan, castOf(plan, ground.random));
  const folder = openFolder?.(nowhere);
  const keeper = folder === undefined ? null : new Keeper(folder, plan.keep);
  const start = performance.now();
  observer?.started?.(progress);
  for (let round = 0; round < plan.protocol.maxRounds && signal?.aborted !== true; round++) {
    const begun = performance.now();
    const openedMs = progress.nowMs;
    const done = await baseline.next(round);
    progress.nowMs += done.durationMs;
    const testing = performance.now();
    const { all, locals } = await test(ground, done);
    const record: RoundRecord = {
      round,
      result: 'released',
      version: round + 1,
      openedMs,
      endedMs: progress.nowMs,
      ...meanOf(all),
      ...(locals.length === 0 ? {} : { locals }),
      verdicts: [],
      trusts: [],
      penalties: [],
      agreement: [],
      gas: 0,
      messageBytes: 0,
      blobBytes: done.bytes,
      real: {
        wall: (performance.now() - begun) / 1000,
        ...done.realSeconds,
        scoring: 0,
        chain: 0,
        testing: (performance.now() - testing) / 1000,
      },
    };
    progress.rounds.push(record);
    keeper?.round(record);
    observer?.round?.(record, progress);
  }
  const result: RunResult = {
    end: progress.rounds.length === plan.protocol.maxRounds ? 'finished' : 'stopped',
    rounds: progress.rounds,
    actors: progress.cast.map(asResult),
    accuracy: progress.rounds.at(-1)?.accuracy ?? null,
    virtualMs: progress.nowMs,
    realSeconds: (performance.now() - start) / 1000,
  };
  keeper?.summary(result, { model: null, stateRoot: null });
  return result;
}

class Progress implements RunInProgress {
  readonly plan: RunPlan;
  readonly cast: readonly CastMember[];
  readonly state = null;
  readonly rounds: RoundRecord[] = [];
  nowMs = 0;

  constructor(plan: RunPlan, cast: readonly CastMember[]) {
    this.plan = plan;
    this.cast = cast;
  }

  activityOf(_actor: ActorId): 'training' {
    return 'training';
  }

  earnedWei(_actor: ActorId): bigint {
    return 0n;
  }
}

async function test({ learner, test }: Ground, { models, locals }: BaselineRound) {
  const evaluations = await learner.evaluate([...models, ...locals], test);
  const all = evaluations.slice(0, models.length);
  const own = models.length > 1 ? all : evaluations.slice(models.length);
  return { all, locals: own.map(localOf) };
}

const localOf = ({ loss, accuracy, perClass }: Evaluation, position: number): LocalRecord => ({
  name: `trainer-${position}`,
  loss,
  accuracy: accuracy ?? null,
  perClass,
});

/** Of one model what it is; of several the means, and nothing by class. */
function meanOf(all: readonly Evaluation[]): Pick<RoundRecord, 'accuracy' | 'loss' | 'perClass'> {
  const mean = (values: readonly (number | undefined)[]) =>
    values.includes(undefined)
      ? null
      : values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
  return {
    accuracy: mean(all.map(({ accuracy }) => accuracy)),
    loss: mean(all.map(({ loss }) => loss)),
    perClass: all.length === 1 ? all[0]!.perClass : [],
  };
}

const asResult = ({ id, name, role, position, behaviour, site }: CastMember): ActorResult => ({
  id,
  name,
  role,
  position,
  behaviour,
  site,
  trust: null,
  accepted: 0,
  refused: 0,
  rewardsWei: 0n,
  penaltiesWei: 0n,
  profitWei: 0n,
  bondWei: 0n,
  jailedUntilRound: 0,
  idle: 0,
});
