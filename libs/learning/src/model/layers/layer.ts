import type { z } from 'zod';
import type { Graph, Value } from '../../onnx/graph.ts';
import type { InitializerConfig } from '../initializers.ts';

/** Shape of one example, channels last, without the batch: `[28, 28, 1]`. */
export type Shape = readonly number[];

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: InitializerConfig;
  /** False for what is measured rather than learnt (the moving averages of batch normalization). */
  readonly trainable: boolean;
}

/** What a layer may use while it writes itself into the graph of a step. */
export interface Pass {
  readonly graph: Graph;
  readonly training: boolean;
  /** Factors for each value of the layer's output; only where it drops some, only in training. */
  readonly mask: Value | undefined;
}

/**
 * A gradient that need not stand alone: a matrix product is added to a tensor in the same operation, which saves
 * writing and reading it once more.
 */
export interface Gradient {
  value(): Value;
  /** The tensor plus this gradient. */
  addedTo(tensor: Value): Value;
}

export interface Backward {
  /** Gradient of the layer's input; absent where nobody asked for it. */
  readonly dx: Value | undefined;
  /** One per weight, in order; undefined for weights that are not trainable. */
  readonly gradients: readonly (Gradient | undefined)[];
}

export interface Forward {
  readonly y: Value;
  /** New values of weights that are measured, by position in `weights`. */
  readonly measured?: Readonly<Record<number, Value>>;
  readonly backward: (dy: Value, wantsInput: boolean) => Backward;
}

/**
 * One layer of a model, with its shapes known. Inside a graph, three-dimensional activations are stored channels
 * first (`[N, C, H, W]`, what ONNX Runtime convolves); shapes and weights are channels last, as in Keras.
 */
export interface Layer {
  readonly name: string;
  readonly className: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** In the order of Keras' `getWeights()`. */
  readonly weights: readonly WeightSpec[];
  /** In training, multiplies its output by random factors: 0 with this probability, else 1 / (1 - rate). */
  readonly dropRate?: number;
  /** True where the output is the input as it is stored, in channels-last order, under another shape. */
  readonly reshapes?: boolean;
  forward(pass: Pass, x: Value, weights: readonly Value[]): Forward;
}

/** A kind of layer: reads its part of a topology. One file each. */
export interface LayerKind<Config = unknown> {
  readonly className: string;
  readonly config: z.ZodType<Config>;
  /** The layer for an input, or the reason why the compiled backend does not cover it. A wrong shape is a {@link ShapeProblem}. */
  create(name: string, config: Config, inputShape: Shape): Layer | NotCovered | ShapeProblem;
}

/** A right layer that only the tfjs backend can train. */
export interface NotCovered {
  readonly notCovered: string;
}

/** A layer that cannot follow the one before it. */
export interface ShapeProblem {
  readonly shapeProblem: string;
}

/** A gradient that stands alone. */
export function plainGradient(graph: Graph, gradient: Value): Gradient {
  return { value: () => gradient, addedTo: (tensor) => graph.op('Add', [tensor, gradient]) };
}

/** The gradient a^T b, or whatever the transpositions make of it, as a product that can be added to a tensor on the fly. */
export function productGradient(
  graph: Graph,
  a: Value,
  b: Value,
  transposed: { transA?: 1; transB?: 1 },
): Gradient {
  return {
    value: () => graph.op('Gemm', [a, b], transposed),
    addedTo: (tensor) => graph.op('Gemm', [a, b, tensor], transposed),
  };
}
