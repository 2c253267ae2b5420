import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SweepWorker, type TakenTrial, type TrialEnd, type TrialOrder } from '#libs/bullmq';
import { configurationDigest, parsePlan, type RunPlan } from '#libs/experiment';
import { Fault, isFault } from '#libs/fault';
import { untilAborted } from '../carry-out.ts';
import { bearableJobs, threadsOf } from '../crew.ts';
import { TrialProcess } from '../trial-processes.ts';
import { redisAddress } from './address.ts';
import { buildOfProduct, differenceOf, refuseOtherBuilds } from './build.ts';
import { missingOf, refuseOtherFiles } from './needs.ts';
import type { Named, WorkerReport } from './worker-report.ts';

export interface WorkOptions {
  readonly parallel?: number;
  readonly name?: string;
  /** Where files are that run files name. */
  readonly files?: string;
  readonly passwordFile?: string;
  readonly report: WorkerReport;
  /** Takes no more trials. */
  readonly stop: AbortSignal;
  /** Gives back those that it has. */
  readonly giveBack: AbortSignal;
}

/** After what time a worker without a trial looks for one. */
const idleMs = 300;

/**
 * Runs trials of all sweeps at a Redis, until it is stopped.
 *
 * @throws Fault `QUEUE_UNREACHABLE`, `BUILD_DIFFERS`, `OPTION_INVALID`
 */
export async function work(url: string, options: WorkOptions): Promise<void> {
  const { parallel = bearableJobs(), report, stop, files = null } = options;
  const address = redisAddress(url, options.passwordFile);
  const name = nameOf(options.name);
  const build = buildOfProduct();
  const said = new Set<string>();
  const onTrouble = ({ message }: Error) => {
    // Redis is tried again and again, and says the same each time.
    if (message !== '' && !said.has(message)) report.trouble(`Redis at ${address.shown}: ${message}`);
    said.add(message);
  };
  const worker = await SweepWorker.open({
    url: address.url,
    card: { name, parallel, build },
    judge: async ({ build: theirs, needs }) => {
      const difference = differenceOf(build, theirs);
      if (difference !== null) return `another build of the product: ${difference}`;
      return missingOf(needs, files).catch((error: unknown) => (error as Error).message);
    },
    onSweep: ({ name: sweep, host }, refusal) => {
      report.sweep(sweep, host, refusal);
    },
    onTrouble,
  });
  const place = mkdtempSync(join(tmpdir(), 'flobc-worker-'));
  try {
    refuseOtherBuilds(build, worker.attended, address.shown);
    report.ready({ name, parallel, redis: address.shown });
    const slots = Array.from({ length: parallel }, (_, i) =>
      new Slot(worker, {
        ...{ ...options, onTrouble, threads: threadsOf(parallel) },
        place: join(place, String(i)),
      }).run(stop),
    );
    await Promise.all(slots);
  } finally {
    await worker.close();
    rmSync(place, { recursive: true, force: true });
  }
}

function nameOf(given = `${hostname()}-${process.pid}`): string {
  if (/^[\w.-]{1,64}$/.test(given)) return given;
  throw new Fault('OPTION_INVALID', `A worker cannot be called ${JSON.stringify(given)}.`, {
    hint: 'Take at most 64 letters, digits, dots, hyphens and underscores: --name NAME.',
  });
}

interface SlotOptions extends Pick<WorkOptions, 'files' | 'report' | 'giveBack'> {
  readonly onTrouble: (error: Error) => void;
  readonly threads: number;
  /** Where the trial is written down; it does not stay. */
  readonly place: string;
}

/** One trial at a time, in a process of its own. */
class Slot {
  readonly #worker: SweepWorker;
  readonly #options: SlotOptions;
  readonly #runner = new TrialProcess();

  constructor(worker: SweepWorker, options: SlotOptions) {
    this.#worker = worker;
    this.#options = options;
  }

  async run(stop: AbortSignal): Promise<void> {
    try {
      while (!stop.aborted) {
        const taken = await this.#next();
        if (taken !== undefined) await this.#carryOut(taken);
        else await pause(idleMs, undefined, { signal: stop }).catch(() => undefined);
      }
    } finally {
      this.#runner.end();
    }
  }

  async #next(): Promise<TakenTrial | undefined> {
    try {
      return await this.#worker.next();
    } catch (error) {
      // Redis may be full: the next time it may not be.
      this.#options.onTrouble(error as Error);
      return undefined;
    }
  }

  async #carryOut(taken: TakenTrial): Promise<void> {
    const { report, giveBack, place } = this.#options;
    const { name: sweep } = taken.offer;
    const named = { sweep, trial: taken.trial.slice(0, 16), title: taken.order?.title ?? 'no trial' };
    report.started(named);
    taken.say({ round: null, accuracy: null });
    rmSync(place, { recursive: true, force: true });
    const end = await this.#endOf(taken, AbortSignal.any([giveBack, taken.lost]));
    if (end !== undefined) await this.#handIn(taken, named, end);
    else {
      this.#runner.end();
      await taken.giveBack();
      report.left(named, taken.lost.aborted ? "another's" : 'given back');
    }
    rmSync(place, { recursive: true, force: true });
  }

  async #handIn(taken: TakenTrial, named: Named, end: TrialEnd): Promise<void> {
    const { report } = this.#options;
    const outcome = await taken.finish(end);
    if (outcome === undefined) report.left(named, "another's");
    else if (outcome.kind === 'ended') report.ended(named, outcome.seconds, outcome.accuracy);
    else report.failed(named, outcome.message);
  }

  /** Undefined where the signal came first. */
  async #endOf(taken: TakenTrial, signal: AbortSignal): Promise<TrialEnd | undefined> {
    const { files = '.', threads: workers, place } = this.#options;
    let task: { plan: RunPlan; order: TrialOrder };
    try {
      task = readTask(taken);
    } catch (fault) {
      if (!isFault(fault)) throw fault;
      return { kind: 'failed', code: fault.code, message: fault.message };
    }
    const { plan, order } = task;
    const { title, policy, commit } = order;
    const outcome = await untilAborted(
      this.#runner.run(
        { title, plan, files, policy, place, cache: null, workers, commit },
        {
          started: () => undefined,
          round: (round, accuracy) => {
            taken.say({ round, accuracy });
          },
          lost: () => undefined,
        },
      ),
      signal,
    );
    if (outcome?.kind !== 'ended') return outcome;
    const { seconds, accuracy, memoryBytes } = outcome;
    return { kind: 'ended', seconds, accuracy, memoryBytes, folder: place };
  }
}

/** @throws Fault `PLAN_INVALID`, `TRIAL_FAILED` */
function readTask({ order, trial, offer, isHopeless }: TakenTrial): { plan: RunPlan; order: TrialOrder } {
  if (isHopeless)
    throw new Fault(
      'TRIAL_FAILED',
      'It was lost with its worker again and again, and is not tried any more.',
      {
        hint: 'Look at what its workers died of: mostly it is want of memory.',
      },
    );
  if (order === undefined) throw noTrial('has another form');
  const plan = parsePlan(order.plan);
  if (configurationDigest(plan) !== `0x${trial}`) throw noTrial('is not what its name says');
  refuseOtherFiles(plan, offer.needs);
  return { plan, order };
}

const noTrial = (problem: string): Fault =>
  new Fault('PLAN_INVALID', `What lies in Redis as a trial ${problem}.`, {
    hint: 'Look who else writes to this Redis.',
  });
