import type { CompiledPolicy, RunPlan } from '#libs/experiment';

/** What a sweep asks one of its processes for. Plans have bigints: the channel clones them (`serialization: 'advanced'`). */
export interface TrialTask {
  /** For people. */
  readonly title: string;
  readonly plan: RunPlan;
  /** What the paths of the plan are relative to. */
  readonly files: string;
  /** A policy of the user's own where it has been compiled already; null: the plan says which. */
  readonly policy: CompiledPolicy | null;
  /** A folder that is not there yet: where the trial is written down, until it is moved into place. */
  readonly place: string;
  /** Where what took long is kept until the trial has ended; null: nothing is kept. */
  readonly cache: string | null;
  readonly workers: number;
  readonly commit: string | null;
}

/** What it says. */
export type TrialMessage =
  | { readonly kind: 'round'; readonly round: number; readonly accuracy: number | null }
  | {
      readonly kind: 'ended';
      readonly seconds: number;
      readonly accuracy: number | null;
      readonly memoryBytes: number;
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
