import type { MessagePort } from 'node:worker_threads';
import type { Shard } from '#libs/data';
import { Fault, type FaultCode } from '#libs/fault';
import type { BackendChoice } from '../engine/open.ts';
import type { ModelDescription } from '../model/model.ts';
import type { Recipe } from '../scoring/recipe.ts';
import type { EvaluationSums } from '../training/evaluate.ts';
import type { TrainingResult, TrainingTask } from '../training/train.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly description: ModelDescription;
  readonly backend: BackendChoice;
  /** Shared by all threads: not 0 once the learner is to be closed, and what is under way is to be left. */
  readonly closing: Int32Array;
}

/** Positions from the first to before the second. */
export type Span = readonly [from: number, to: number];

export type Task =
  | { readonly kind: 'initialise'; readonly seed: number | string }
  | { readonly kind: 'train'; readonly task: TrainingTask; readonly progress?: MessagePort }
  | {
      readonly kind: 'evaluate';
      readonly recipes: readonly Recipe[];
      readonly shard: Shard;
      readonly parts: readonly Span[];
    }
  | { readonly kind: 'norms'; readonly deltas: readonly Float32Array[] }
  | {
      readonly kind: 'sum';
      readonly deltas: readonly Float32Array[];
      readonly weights: Float64Array;
      /** In shared memory; written at `span` only. */
      readonly into: Float64Array;
      readonly span: Span;
    };

export interface Answers {
  readonly initialise: Float32Array;
  readonly train: TrainingResult;
  /** By part, by recipe. */
  readonly evaluate: readonly (readonly EvaluationSums[])[];
  readonly norms: readonly number[];
  readonly sum: null;
}

/** An answer, or a fault in parts: a class does not survive the way between threads. */
export type Answer<K extends Task['kind']> = { readonly value: Answers[K] } | { readonly fault: FaultParts };

export interface FaultParts {
  readonly code: FaultCode;
  readonly message: string;
  readonly facts: Record<string, unknown>;
  readonly hint: string;
}

export function partsOf({ code, message, facts, hint }: Fault): FaultParts {
  return { code, message, facts, hint };
}

export function faultOf({ code, message, facts, hint }: FaultParts): Fault {
  return new Fault(code, message, { facts, hint });
}
