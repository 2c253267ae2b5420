import type { RunPlan } from '#libs/experiment';
import type { Event, VoidReason } from '#libs/protocol';
import type { RoundRecord, RunInProgress } from '#libs/simulation';
import type { Output } from '../../output.ts';
import { endingOf } from '../ending/ending.ts';
import { Names } from '../names.ts';
import { type RunOutcome, type RunReport, stoppingNote } from '../report.ts';
import { sizeOf, type Style } from '../terminal/terminal.ts';
import { line, type Line, paint } from '../text/line.ts';
import { digitGroupsOf, digitGroupTable, isTold } from './digit-groups.ts';
import { headingOf } from './heading.ts';
import { roundLine } from './round-line.ts';

export interface LinesOptions extends Style {
  readonly output: Output;
  /** Where warnings and notices go. */
  readonly side: Output;
  /** Nothing but the end. */
  readonly isQuiet: boolean;
}

/** A line a round: for logs, pipes and terminals that cannot be drawn on. */
export class LinesReport implements RunReport {
  readonly #options: LinesOptions;
  #names = new Names([]);
  /** The newest round whose models were told of by digit groups. */
  #told = -1;
  readonly #reasons = new Map<number, VoidReason>();

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  warn(warnings: readonly string[]): void {
    const { side, colours } = this.#options;
    for (const warning of warnings) side.write(`${colours.yellow('warning')} ${warning}\n`);
  }

  preparing(): void {
    // Whoever reads a log does not wait for it.
  }

  started(run: RunInProgress): void {
    this.#names = new Names(run.cast);
    if (!this.#options.isQuiet) this.#write([line(headingOf(run.plan)), line('')]);
  }

  events(events: readonly Event[]): void {
    for (const event of events)
      if (event.kind === 'roundVoided') this.#reasons.set(event.round, event.reason);
  }

  round(record: RoundRecord, { plan }: RunInProgress): void {
    const { coordination, protocol } = plan;
    const { maxRounds } = protocol;
    const reason = this.#reasons.get(record.round) ?? null;
    this.#reasons.delete(record.round);
    if (this.#options.isQuiet) return;
    this.#write([roundLine(record, { names: this.#names, maxRounds, coordination, reason })]);
    if (isTold(record.round, maxRounds)) this.#tellGroups(record, plan);
  }

  #tellGroups(record: RoundRecord, plan: RunPlan): void {
    const groups = digitGroupsOf(plan);
    if (groups === null) return;
    this.#told = record.round;
    this.#write(digitGroupTable(record, groups, this.#options.glyphs.ellipsis));
  }

  stopping(): void {
    this.#options.side.write(`${stoppingNote}\n`);
  }

  end(outcome: RunOutcome): void {
    const { output, isQuiet, glyphs } = this.#options;
    // What is not a terminal has no edge.
    const width = output.isTTY === true ? sizeOf(output).columns : Infinity;
    const last = outcome.result.rounds.at(-1);
    // A run that was stopped has another last round than it was to have, and a live one has told of none.
    if (last && last.round !== this.#told && !isQuiet) this.#tellGroups(last, outcome.plan);
    const lines = endingOf(outcome, { width, glyphs });
    this.#write(isQuiet ? lines : [line(''), ...lines]);
  }

  hide(): void {
    // Lines stay where they are.
  }

  close(): void {
    // There is nothing to give back.
  }

  #write(lines: readonly Line[]): void {
    const { output, colours } = this.#options;
    for (const of of lines) output.write(`${paint(of, colours)}\n`);
  }
}
