import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import type { TrialMessage, TrialTask } from './trial-messages.ts';

/** How a trial came out. */
export type Outcome = Exclude<TrialMessage, { kind: 'round' }>;

/** Who is told of a trial as it goes. */
export interface TrialListener {
  /** `worker`: of a sweep that others work for. */
  started(worker?: string): void;
  round(round: number, accuracy: number | null): void;
  /** It has to be begun anew. */
  lost(why: string): void;
}

/** Carries one trial after another out; tests have a made-up one. */
export interface TrialRunner {
  run(task: TrialTask, told: TrialListener): Promise<Outcome>;
  /** Ends it at once, and what it is doing with it. */
  end(): void;
}

const entry = join(import.meta.dirname, `trial-process${extname(import.meta.filename)}`);

/** A process of its own, started when it is needed and again when it has died. */
export class TrialProcess implements TrialRunner {
  #child: ChildProcess | undefined;

  run(task: TrialTask, told: TrialListener): Promise<Outcome> {
    told.started();
    const child = (this.#child ??= this.#start());
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        child.off('message', hear);
        child.off('exit', lose);
        resolve(outcome);
      };
      const hear = (message: TrialMessage) => {
        if (message.kind === 'round') told.round(message.round, message.accuracy);
        else settle(message);
      };
      const lose = (code: number | null, signal: string | null) => {
        this.#child = undefined;
        const how = signal === null ? `with exit code ${code ?? '?'}` : `by ${signal}`;
        settle({ kind: 'failed', code: 'DIED', message: `its process was ended ${how}` });
      };
      child.on('message', hear);
      child.on('exit', lose);
      child.send(task);
    });
  }

  #start(): ChildProcess {
    // What it writes besides is nothing that a report could stand beside, but the stack of a crash must be seen.
    return fork(entry, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  end(): void {
    this.#child?.removeAllListeners('exit');
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
