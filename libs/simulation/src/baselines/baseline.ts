import type { Parameters } from '#libs/learning';

/** What a baseline's round leaves behind. */
export interface BaselineRound {
  /** What is tested: one model, or each Trainer's own, whose mean accuracy counts. */
  readonly models: readonly Parameters[];
  /** Each Trainer's model before it was merged; empty where there are none. */
  readonly locals: readonly Parameters[];
  readonly durationMs: number;
  /** Bytes that updates and models take on their ways. */
  readonly bytes: number;
  readonly realSeconds: { readonly training: number; readonly merging: number };
}

/** Learning without the protocol, round by round. */
export interface Baseline {
  next(round: number): Promise<BaselineRound>;
}
