import type { Event, EventKind, RunState } from '#libs/protocol';
import { openRound } from '#libs/protocol';
import type { Logger } from 'pino';
import type { LogContext } from './log.ts';

/** What somebody who keeps a node wants to read; the rest is for who looks for something. */
const notable: ReadonlySet<EventKind> = new Set<EventKind>([
  'runPaused',
  'runFinished',
  'runHalted',
  'membersChanged',
  'roundOpened',
  'roundSettled',
  'roundVoided',
  'modelReleased',
  'equivocationFound',
]);

/** Writes the events of a run as lines of a log, from the moment on in which the node takes part. */
export class EventLog {
  readonly actor = null;
  readonly #log: Logger;
  readonly #context: LogContext;
  readonly #isLive: () => boolean;

  /** @param isLive False while the node reads what has happened before: that has been written by who was there. */
  constructor(log: Logger, context: LogContext, isLive: () => boolean) {
    this.#log = log;
    this.#context = context;
    this.#isLive = isLive;
  }

  see(events: readonly Event[], state: RunState): void {
    const round = openRound(state)?.number;
    if (round !== undefined) this.#context.round = round;
    if (!this.#isLive()) return;
    for (const { kind, ...facts } of events)
      this.#log[notable.has(kind) ? 'info' : 'debug']({ event: kind, ...facts }, kind);
  }
}
