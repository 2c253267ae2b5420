import type * as tfjs from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../onnx/graph.ts';

export interface LossTerms {
  /** The outputs as {@link Loss.of} reads them, of their shape. */
  readonly outputs: Value;
  /** Gradient of `seed` x the sum of the losses with respect to the outputs; asked for in training only. */
  readonly gradient: (targets: Value, seed: Value) => Value;
}

/** A loss for both backends: the graph of the compiled one, and the same formula in tfjs. One file each. */
export interface Loss {
  readonly name: LossName;
  /** The activation of the last layer that the loss takes over, so that both are computed together and stably. */
  readonly head: 'softmax' | 'sigmoid' | undefined;
  /** Why a model with this many outputs cannot learn this many classes (0: regression), or undefined. */
  misfit(outputs: number, classes: number): string | undefined;
  /** Writes the target of one label into `targets`, `outputs` wide, from `at` on; `targets` is zero there. */
  writeTarget(targets: Float32Array, at: number, outputs: number, label: number): void;
  compiled(graph: Graph, outputs: Value, width: number): LossTerms;
  /**
   * Loss of the example whose outputs, as the compiled graph gives them, and whose targets lie from `at` on. Outside the
   * graph, because a few operators on a few numbers cost more there than all of them here.
   */
  of(outputs: Float32Array, targets: Float32Array, at: number, width: number): number;
  /** Loss of each example, shape [N]. */
  tfjs(tf: typeof tfjs, outputs: tfjs.Tensor, targets: tfjs.Tensor): tfjs.Tensor;
  /** The class that the outputs from `at` on name, or undefined in regression. */
  predicted(outputs: Float32Array, at: number, width: number): number | undefined;
}

export type LossName = 'crossEntropy' | 'binaryCrossEntropy' | 'meanSquaredError';
