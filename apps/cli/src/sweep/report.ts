import type { Judgement, Sweep, Trial } from '#libs/experiment';

/** A sweep before anything of it is started. */
export interface Planned {
  readonly sweep: Sweep;
  readonly out: string;
  /** Trials, each once, that have not ended yet. */
  readonly left: readonly Trial[];
  readonly jobs: number;
  /** The Redis through which workers take trials; null: they are run here. */
  readonly redis: string | null;
  /** Of this machine, for what is left. */
  readonly seconds: number;
  readonly secondsOf: ReadonlyMap<string, number>;
}

export interface Ended {
  readonly out: string;
  readonly written: readonly string[];
  readonly judgements: readonly Judgement[];
  /** What a combination is called, by its position. */
  readonly titleOf: (cell: number) => string;
  readonly isStopped: boolean;
  readonly seconds: number;
}

/** A worker that is there, and how many trials it runs at a time. */
export interface CrewMember {
  readonly name: string;
  readonly parallel: number;
}

/** Who is told of a sweep as it goes. */
export interface SweepReport {
  preparing(what: string): void;
  warn(warnings: readonly string[]): void;
  planned(planned: Planned): void;
  /** Other workers have come or gone. */
  crew(members: readonly CrewMember[]): void;
  started(trial: Trial, worker?: string): void;
  round(trial: Trial, round: number, accuracy: number | null): void;
  ended(trial: Trial, seconds: number, accuracy: number | null): void;
  /** `again`: it is tried once more. */
  failed(trial: Trial, message: string, again: boolean): void;
  end(ended: Ended): void;
  close(): void;
}
