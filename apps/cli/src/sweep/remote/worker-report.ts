import { duration, percent } from '../../run/text/figures.ts';
import type { Output } from '../../output.ts';

/** A trial, as a worker speaks of it. */
export interface Named {
  readonly sweep: string;
  readonly trial: string;
  readonly title: string;
}

/** Who is told of what a worker does. */
export interface WorkerReport {
  ready(worker: { readonly name: string; readonly parallel: number; readonly redis: string }): void;
  /** A sweep was found. */
  sweep(name: string, host: string, refusal: string | null): void;
  started(trial: Named): void;
  ended(trial: Named, seconds: number, accuracy: number | null): void;
  /** It has an end that is none. */
  failed(trial: Named, message: string): void;
  /** It is not its any more. */
  left(trial: Named, why: 'given back' | "another's"): void;
  trouble(message: string): void;
  stopping(): void;
}

export function workerReport(output: Output, isJson: boolean): WorkerReport {
  const say = (kind: string, facts: object, text: string): void => {
    output.write(isJson ? `${JSON.stringify({ kind, ...facts })}\n` : `${text}\n`);
  };
  const titleOf = ({ sweep, title }: Named): string => `${sweep}: ${title}`;
  return {
    ready: ({ name, parallel, redis }) => {
      const text = `${name} waits for trials at ${redis}, ${parallel} at a time; Ctrl-C ends it`;
      say('worker', { name, parallel, redis }, text);
    },
    sweep: (name, host, refusal) => {
      const text = refusal === null ? 'takes part' : `does not take part: ${refusal}`;
      say('sweep', { name, host, refusal }, `${name} of ${host}: ${text}`);
    },
    started: (trial) => {
      say('trial', { state: 'started', ...trial }, `${titleOf(trial)}  started`);
    },
    ended: (trial, seconds, accuracy) => {
      const of = accuracy === null ? '' : `  ${percent(accuracy)}`;
      const text = `${titleOf(trial)}${of}  ${duration(1000 * seconds)}`;
      say('trial', { state: 'ended', ...trial, seconds, accuracy }, text);
    },
    failed: (trial, message) => {
      const text = `${titleOf(trial)}: ${message.split('\n')[0]!}`;
      say('trial', { state: 'failed', ...trial, message }, text);
    },
    left: (trial, why) => {
      say('trial', { state: 'left', ...trial, why }, `${titleOf(trial)}  ${why}`);
    },
    trouble: (message) => {
      say('trouble', { message }, `warning ${message}`);
    },
    stopping: () => {
      say(
        'stopping',
        {},
        'takes no more trials, and ends those that it has; Ctrl-C once more gives them back',
      );
    },
  };
}
