import { type Sweep, type Trial, trialTitle } from '#libs/experiment';
import { count, duration, percent } from '../run/text/figures.ts';
import type { Output } from '../output.ts';
import type { CrewMember, Ended, Planned, SweepReport } from './report.ts';
import { crewText, endText, planText, trialLine } from './text.ts';
import { TimeLeft } from './time-left.ts';

const escape = '\u001b[';

interface Running {
  readonly trial: Trial;
  readonly worker: string | undefined;
  readonly round: number | null;
  readonly accuracy: number | null;
}

/** For a terminal: a line for each trial that runs and one for all of them, below the trials that have ended. */
export class LiveSweepReport implements SweepReport {
  readonly #output: Output;
  readonly #cores: number;
  readonly #running = new Map<string, Running>();
  #sweep: Sweep | undefined;
  #left: TimeLeft | undefined;
  #shown = 0;
  #total = 0;
  #ended = 0;

  constructor(output: Output, cores: number) {
    this.#output = output;
    this.#cores = cores;
  }

  preparing(what: string): void {
    this.#replace([], [what]);
  }

  warn(warnings: readonly string[]): void {
    this.#replace(warnings.map((warning) => `warning ${warning}`));
  }

  planned(planned: Planned): void {
    const { sweep, left, jobs, secondsOf } = planned;
    this.#sweep = sweep;
    this.#total = left.length;
    this.#left = new TimeLeft(left, secondsOf, jobs, this.#cores);
    this.#replace([planText(planned).trimEnd()], []);
  }

  crew(members: readonly CrewMember[]): void {
    this.#left?.atATime(members.reduce((sum, { parallel }) => sum + parallel, 0));
    this.#replace([crewText(members)]);
  }

  started(trial: Trial, worker?: string): void {
    this.#running.set(trial.id, { trial, worker, round: null, accuracy: null });
    this.#replace();
  }

  round(trial: Trial, round: number, accuracy: number | null): void {
    const { worker } = this.#running.get(trial.id) ?? {};
    this.#running.set(trial.id, { trial, worker, round, accuracy });
    this.#left?.progress(trial, (round + 1) / trial.loaded.plan.protocol.maxRounds);
    this.#replace();
  }

  ended(trial: Trial, seconds: number, accuracy: number | null): void {
    this.#running.delete(trial.id);
    this.#left?.ended(trial, seconds);
    this.#ended++;
    const of = accuracy === null ? '' : `  ${percent(accuracy)}`;
    this.#replace([`${trialTitle(this.#sweep!, trial)}${of}  ${duration(1000 * seconds)}`]);
  }

  failed(trial: Trial, message: string, again: boolean): void {
    this.#running.delete(trial.id);
    if (!again) this.#left?.dropped(trial);
    const first = message.split('\n')[0]!;
    this.#replace([`${trialTitle(this.#sweep!, trial)}: ${first}${again ? '; once more' : ''}`]);
  }

  end(ended: Ended): void {
    this.#replace([endText(ended).trimEnd()], []);
  }

  close(): void {
    this.#replace([], []);
  }

  /** Lines that stay, then those that change; the latter are written over the ones before. */
  #replace(staying: readonly string[] = [], changing: readonly string[] = this.#lines()): void {
    const up = this.#shown === 0 ? '' : `${escape}${this.#shown}A`;
    const width = Math.max(20, (this.#output.columns ?? 80) - 1);
    // A line that wraps would be two, and the next picture in the wrong place.
    const cut = changing.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
    const text = [...staying, ...cut].map((line) => `${line}\n`).join('');
    this.#shown = changing.length;
    this.#output.write(`${up}\r${escape}J${text}`);
  }

  #lines(): string[] {
    const { seconds = 0 } = this.#left ?? {};
    const running = [...this.#running.values()].map(
      ({ trial, worker, round, accuracy }) =>
        `  ${trialLine(this.#sweep!, trial, round, accuracy)}${worker === undefined ? '' : `  ${worker}`}`,
    );
    const left = this.#ended === this.#total ? '' : `, about ${duration(1000 * seconds)} left`;
    return [...running, `${count(this.#ended)} of ${count(this.#total)} trials${left}`];
  }
}
