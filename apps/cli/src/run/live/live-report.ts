import { type Event, whoIsWaitedFor } from '#libs/protocol';
import type { RunInProgress } from '#libs/simulation';
import { Names } from '../names.ts';
import { type RunOutcome, type RunReport, stoppingNote } from '../report.ts';
import { cut, line, paint } from '../text/line.ts';
import { eraseRest, Screen } from '../terminal/screen.ts';
import { sizeOf, type Style, type Terminal } from '../terminal/terminal.ts';
import { frameOf } from './frame.ts';

/** Between two pictures at least: more than ten a second are not seen. */
const betweenMs = 100;
/** Between two pictures at least as many times as long as one takes: drawing hundreds of actors must not slow a run down. */
const restFactor = 25;

export interface LiveOptions extends Style {
  readonly terminal: Terminal;
  /** Milliseconds of the machine. */
  readonly clock: () => number;
  /** Says what comes before the picture and after it. */
  readonly around: Pick<RunReport, 'warn' | 'end'>;
}

/** A picture of the run that is drawn again as it changes. */
export class LiveReport implements RunReport {
  readonly #options: LiveOptions;
  readonly #screen: Screen;
  #run: RunInProgress | null = null;
  #names = new Names([]);
  #begunAt = 0;
  #startedMs = 0;
  #drawnAt = -Infinity;
  #restMs = betweenMs;
  #isNoted = false;
  #isStopping = false;
  #ticks: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#screen = new Screen(options.terminal);
  }

  warn(warnings: readonly string[]): void {
    this.#eraseNote();
    this.#options.around.warn(warnings);
  }

  preparing(what: string): void {
    const { terminal, colours, glyphs } = this.#options;
    const { columns } = sizeOf(terminal);
    const note = cut(line(`${what} ${glyphs.ellipsis}`, 'faint'), columns - 1, glyphs.ellipsis);
    terminal.write(`\r${paint(note, colours)}${eraseRest}`);
    this.#isNoted = true;
  }

  /** The line of what is being prepared makes room for what is to stay. */
  #eraseNote(): void {
    if (this.#isNoted) this.#options.terminal.write(`\r${eraseRest}`);
    this.#isNoted = false;
  }

  started(run: RunInProgress): void {
    this.#eraseNote();
    this.#run = run;
    this.#names = new Names(run.cast);
    this.#begunAt = this.#options.clock();
    this.#startedMs = run.nowMs;
    // While the machine trains there are no events, and the time goes on.
    this.#ticks = setInterval(this.#draw, 5 * betweenMs);
    this.#ticks.unref();
    this.#options.terminal.on?.('resize', this.#draw);
    this.#draw();
  }

  events(_events: readonly Event[], run: RunInProgress): void {
    this.#run = run;
    this.#drawIfDue();
  }

  round(_record: unknown, run: RunInProgress): void {
    this.#run = run;
    this.#drawIfDue();
  }

  stopping(): void {
    this.#isStopping = true;
    this.#draw();
  }

  end(outcome: RunOutcome): void {
    this.close();
    this.#options.around.end(outcome);
  }

  hide(): void {
    this.#screen.close();
  }

  close(): void {
    this.#eraseNote();
    this.#run = null;
    clearInterval(this.#ticks);
    this.#options.terminal.off?.('resize', this.#draw);
    this.#screen.close();
  }

  #drawIfDue(): void {
    if (this.#options.clock() - this.#drawnAt >= this.#restMs) this.#draw();
  }

  readonly #draw = (): void => {
    const run = this.#run;
    if (!run) return;
    const { terminal, glyphs, colours, clock } = this.#options;
    const { columns: width, rows: height } = sizeOf(terminal);
    this.#drawnAt = clock();
    const moment = {
      run,
      names: this.#names,
      waiting: run.state && whoIsWaitedFor(run.state),
      elapsedMs: this.#drawnAt - this.#begunAt,
      startedMs: this.#startedMs,
    };
    const note = this.#isStopping
      ? line(stoppingNote, 'notice')
      : line('Ctrl-C stops at the end of a round', 'faint');
    const lines = frameOf(moment, { width, height, glyphs }, note);
    this.#screen.draw(lines.map((of) => paint(of, colours)));
    this.#restMs = Math.max(betweenMs, restFactor * (clock() - this.#drawnAt));
  };
}
