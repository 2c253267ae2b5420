import type * as tfjs from '@tensorflow/tfjs-core';
import type { Gradient } from '../model/layers/layer.ts';
import type { Graph, Value } from '../onnx/graph.ts';

/** Numbers that go into a step by name; they can change from step to step without a new graph. */
export type Scalars = Readonly<Record<string, number>>;

export interface Moved<T> {
  readonly weight: T;
  readonly slots: readonly T[];
}

/** An optimizer for both backends: the graph of the compiled one, and the same formula in tfjs. One file each. */
export interface Optimizer {
  readonly name: string;
  /** Vectors of the model's size that it keeps between steps. */
  readonly slots: number;
  /** True where a step is the gradient times a number: then that number is multiplied in at the loss, for nothing. */
  readonly isPlain: boolean;
  /** Its scalars for the given step, counted from 1. */
  scalars(step: number): Scalars;
  compiled(
    graph: Graph,
    weight: Value,
    gradient: Gradient,
    slots: readonly Value[],
    scalar: (name: string) => Value,
  ): Moved<Value>;
  tfjs(
    tf: typeof tfjs,
    weight: tfjs.Tensor,
    gradient: tfjs.Tensor,
    slots: readonly tfjs.Tensor[],
    scalars: Scalars,
  ): Moved<tfjs.Tensor>;
}
