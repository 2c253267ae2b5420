import { type Trial, trialName, trialTitle, type Sweep } from '#libs/experiment';
import type { Output } from '../output.ts';
import type { CrewMember, Ended, Planned, SweepReport } from './report.ts';
import { TimeLeft } from './time-left.ts';

/**
 * JSON lines: `planned`, then `trial` when one starts and ends, `round` in between, `workers` when others come or go, and the
 * `result`. Dry: the trials alone.
 */
export class JsonSweepReport implements SweepReport {
  readonly #output: Output;
  readonly #side: Output;
  readonly #cores: number;
  readonly #isDry: boolean;
  #sweep: Sweep | undefined;
  #left: TimeLeft | undefined;

  constructor(output: Output, side: Output, cores: number, isDry = false) {
    this.#output = output;
    this.#side = side;
    this.#cores = cores;
    this.#isDry = isDry;
  }

  preparing(): void {
    // No machine waits for it.
  }

  warn(warnings: readonly string[]): void {
    for (const warning of warnings) this.#side.write(`warning ${warning}\n`);
  }

  planned({ sweep, out, left, jobs, seconds, secondsOf }: Planned): void {
    this.#sweep = sweep;
    this.#left = new TimeLeft(left, secondsOf, jobs, this.#cores);
    const { name, trials, cells, seeds } = sweep;
    this.#print({
      kind: 'planned',
      ...{ name, out, trials: trials.length, left: left.length, combinations: cells.length, seeds, jobs },
      estimatedSeconds: Math.round(seconds),
    });
    if (!this.#isDry) return;
    for (const trial of left)
      this.#print({
        kind: 'trial',
        state: 'planned',
        ...this.#named(trial),
        estimatedSeconds: secondsOf.get(trial.id) ?? null,
      });
  }

  crew(members: readonly CrewMember[]): void {
    this.#left?.atATime(members.reduce((sum, { parallel }) => sum + parallel, 0));
    this.#print({ kind: 'workers', workers: members });
  }

  started(trial: Trial, worker?: string): void {
    const by = worker === undefined ? {} : { worker };
    this.#print({ kind: 'trial', state: 'started', ...this.#named(trial), ...by });
  }

  round(trial: Trial, round: number, accuracy: number | null): void {
    const { maxRounds } = trial.loaded.plan.protocol;
    this.#left?.progress(trial, (round + 1) / maxRounds);
    this.#print({ kind: 'round', trial: trialName(trial.id), round, rounds: maxRounds, accuracy });
  }

  ended(trial: Trial, seconds: number, accuracy: number | null): void {
    this.#left?.ended(trial, seconds);
    const left = { secondsLeft: Math.round(this.#left?.seconds ?? 0) };
    this.#print({ kind: 'trial', state: 'ended', ...this.#named(trial), seconds, accuracy, ...left });
  }

  failed(trial: Trial, message: string, again: boolean): void {
    if (!again) this.#left?.dropped(trial);
    this.#print({ kind: 'trial', state: 'failed', ...this.#named(trial), message, again });
  }

  end({ out, written, judgements, titleOf, isStopped, seconds }: Ended): void {
    const expectations = judgements.map(({ cell, ...rest }) => ({ combination: titleOf(cell), ...rest }));
    this.#print({ kind: 'result', out, written, isStopped, seconds, expectations });
  }

  close(): void {
    // There is nothing to give back.
  }

  #named(trial: Trial): object {
    const { id, seed } = trial;
    return { trial: trialName(id), title: trialTitle(this.#sweep!, trial), seed };
  }

  #print(value: object): void {
    this.#output.write(`${JSON.stringify(value)}\n`);
  }
}
