import type { Scale } from '#libs/data';
import type { Hyper } from '../hyper.ts';
import type { Loss } from '../losses/index.ts';
import type { Scalars } from '../optimizers/index.ts';
import type { Layout } from '../parameters.ts';

export type BackendName = 'compiled' | 'tfjs';

/** A layer's dropout: the shape of its mask (channels first, for images) and the share of values that become 0. */
export interface MaskSpec {
  readonly shape: readonly number[];
  readonly rate: number;
}

/** A batch, in buffers that the caller fills again for the next one. */
export interface Batch {
  /** Number of examples. */
  readonly samples: number;
  /**
   * samples x product(input shape), channels last. Bytes, which only an engine that {@link Engine.readsBytes} is given, mean
   * what `scale` makes of them.
   */
  readonly features: Float32Array | Uint8Array;
  readonly scale?: Scale;
  /** samples x outputs. */
  readonly targets: Float32Array;
  /** One per {@link MaskSpec}: samples x product(shape). */
  readonly masks: readonly Float32Array[];
}

export interface BatchResult {
  /** One an example. */
  readonly losses: Float32Array;
  /** samples x outputs; under `crossEntropy` the same number may have been added to all outputs of an example. */
  readonly outputs: Float32Array;
}

export interface StepResult {
  /** Mean over the examples, before the step. */
  readonly loss: number;
  readonly outputs: Float32Array;
}

/** Weights in motion: one training under way. */
export interface Stepper {
  /** One step of the optimizer. What it gives stays valid until the next one. */
  step(batch: Batch, step: number): Promise<StepResult>;
  values(): Float32Array;
  /** The optimizer's vectors, each of the model's size. */
  slots(): Float32Array[];
}

export interface StepperStart {
  readonly values: Float32Array;
  /** Vectors of the optimizer from an earlier training; zeros when absent. */
  readonly slots: readonly Float32Array[] | undefined;
  readonly hyper: Hyper;
  /** Identifies what layers draw for themselves (the noise of tfjs' own layers). */
  readonly seed: number | string;
}

/**
 * One model on one backend, in one thread. Order of data, dropout and measuring are the caller's, the same for all
 * backends; an engine only computes.
 */
export interface Engine {
  readonly backend: BackendName;
  /** Library and version, for the manifest. */
  readonly version: string;
  readonly loss: Loss;
  readonly inputShape: readonly number[];
  readonly outputs: number;
  readonly layout: Layout;
  readonly masks: readonly MaskSpec[];
  /** True where batches may hold the bytes of a dataset as they are. */
  readonly readsBytes: boolean;
  initialise(seed: number | string): Promise<Float32Array>;
  start(start: StepperStart): Promise<Stepper>;
  /** Outputs and losses without training. Values stay valid until the next call. */
  evaluate(values: Float32Array, batch: Batch): Promise<BatchResult>;
}

/** Extras of the gradient: they decide the shape of a step, their numbers are fed. */
export interface StepShape {
  readonly decays: boolean;
  readonly clips: boolean;
  readonly isProximal: boolean;
}

export function stepShape({ weightDecay, clipNorm, proximal }: Hyper): StepShape {
  return { decays: weightDecay > 0, clips: clipNorm !== undefined, isProximal: proximal > 0 };
}

/** The extras' numbers, in the names under which graphs take them. */
export function shapeScalars({ weightDecay, clipNorm, proximal }: Hyper): Scalars {
  return { weightDecay, clipNorm: clipNorm ?? 0, proximal };
}
