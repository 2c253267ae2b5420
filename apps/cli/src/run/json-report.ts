import { planJson } from '#libs/experiment';
import type { Event } from '#libs/protocol';
import type { RoundRecord, RunInProgress } from '#libs/simulation';
import { formatEvent } from '#libs/wire';
import type { Output } from '../output.ts';
import { type RunOutcome, type RunReport, stoppingNote } from './report.ts';

export interface JsonOptions {
  readonly output: Output;
  /** Where warnings and notices go. */
  readonly side: Output;
  /** The result alone. */
  readonly isQuiet: boolean;
}

/**
 * JSON lines: `started` with the configuration that `manifest.json` has too, then an `event` for each of the protocol's, spelled as in `events.jsonl`, a `round` for each of
 * the rounds, and the `result`. Tokens are wei in decimal digits. Rounds are counted from 0, as everywhere but in text.
 */
export class JsonReport implements RunReport {
  readonly #options: JsonOptions;

  constructor(options: JsonOptions) {
    this.#options = options;
  }

  warn(warnings: readonly string[]): void {
    for (const warning of warnings) this.#options.side.write(`warning ${warning}\n`);
  }

  preparing(): void {
    // No machine waits for it.
  }

  started({ plan, cast }: RunInProgress): void {
    // An actor of the engine's has its key with it: what is written is named one by one.
    const members = cast.map(({ id, name, role, position, behaviour, site }) => {
      return { id, name, role, position, behaviour, site };
    });
    this.#goingOn({ kind: 'started', configuration: planJson(plan), cast: members });
  }

  events(events: readonly Event[]): void {
    if (this.#options.isQuiet) return;
    // One write for all of them: a round of hundreds of Trainers has thousands.
    const lines = events.map((event) => `{"kind":"event","event":${formatEvent(event)}}\n`);
    if (lines.length > 0) this.#options.output.write(lines.join(''));
  }

  round(record: RoundRecord): void {
    this.#goingOn({ kind: 'round', ...record });
  }

  stopping(): void {
    this.#options.side.write(`${stoppingNote}\n`);
  }

  end({ result, written, resume }: RunOutcome): void {
    const { rounds, ...rest } = result;
    this.#print({ kind: 'result', ...rest, rounds: rounds.length, written, resume });
  }

  hide(): void {
    // Lines stay where they are.
  }

  close(): void {
    // There is nothing to give back.
  }

  #goingOn(value: object): void {
    if (!this.#options.isQuiet) this.#print(value);
  }

  #print(value: object): void {
    this.#options.output.write(`${JSON.stringify(value, withoutBigints)}\n`);
  }
}

const withoutBigints = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
