import type { Graph, Value } from '../onnx/graph.ts';

export interface Activated {
  readonly y: Value;
  /** Gradient of the input, given that of the output. */
  readonly backward: (dy: Value) => Value;
}

type Activation = (graph: Graph, x: Value) => Activated;

/** Constants of self-normalizing networks (Klambauer et al. 2017). */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

const one = (graph: Graph) => graph.scalar(1);
const zero = (graph: Graph) => graph.scalar(0);

/** dy where the condition holds, else 0. */
function gated(graph: Graph, condition: Value, dy: Value): Value {
  return graph.op('Where', [condition, dy, zero(graph)]);
}

const softplus: Activation = (graph, x) => ({
  y: graph.op('Softplus', [x]),
  backward: (dy) => graph.op('Mul', [dy, graph.op('Sigmoid', [x])]),
});

const elu: Activation = (graph, x) => {
  const y = graph.op('Elu', [x], { alpha: { float: 1 } });
  const below = (dy: Value) => graph.op('Mul', [dy, graph.op('Add', [y, one(graph)])]);
  return { y, backward: (dy) => graph.op('Where', [graph.op('Greater', [x, zero(graph)]), dy, below(dy)]) };
};

/** By their Keras names. The derivative at a kink is that of the left side, as in tfjs. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_graph, x) => ({ y: x, backward: (dy) => dy }),
  relu: (graph, x) => {
    const y = graph.op('Relu', [x]);
    return { y, backward: (dy) => gated(graph, graph.op('Greater', [y, zero(graph)]), dy) };
  },
  relu6: (graph, x) => {
    const y = graph.op('Clip', [x, zero(graph), graph.scalar(6)]);
    const inside = () =>
      graph.op('And', [graph.op('Greater', [x, zero(graph)]), graph.op('LessOrEqual', [x, graph.scalar(6)])]);
    return { y, backward: (dy) => gated(graph, inside(), dy) };
  },
  sigmoid: (graph, x) => {
    const y = graph.op('Sigmoid', [x]);
    const slope = () => graph.op('Mul', [y, graph.op('Sub', [one(graph), y])]);
    return { y, backward: (dy) => graph.op('Mul', [dy, slope()]) };
  },
  hardSigmoid: (graph, x) => {
    const y = graph.op('HardSigmoid', [x], { alpha: { float: 0.2 }, beta: { float: 0.5 } });
    const inside = () => graph.op('Less', [graph.op('Abs', [x]), graph.scalar(2.5)]);
    return { y, backward: (dy) => gated(graph, inside(), graph.op('Mul', [dy, graph.scalar(0.2)])) };
  },
  tanh: (graph, x) => {
    const y = graph.op('Tanh', [x]);
    const slope = () => graph.op('Sub', [one(graph), graph.op('Mul', [y, y])]);
    return { y, backward: (dy) => graph.op('Mul', [dy, slope()]) };
  },
  softplus,
  softsign: (graph, x) => {
    const spread = graph.op('Add', [one(graph), graph.op('Abs', [x])]);
    return {
      y: graph.op('Div', [x, spread]),
      backward: (dy) => graph.op('Div', [dy, graph.op('Mul', [spread, spread])]),
    };
  },
  elu,
  selu: (graph, x) => {
    const y = graph.op('Selu', [x], { alpha: { float: seluAlpha }, gamma: { float: seluScale } });
    const above = () => graph.scalar(seluScale);
    const below = () => graph.op('Add', [y, graph.scalar(seluScale * seluAlpha)]);
    const slope = () => graph.op('Where', [graph.op('Greater', [x, zero(graph)]), above(), below()]);
    return { y, backward: (dy) => graph.op('Mul', [dy, slope()]) };
  },
  swish: (graph, x) => {
    const gate = graph.op('Sigmoid', [x]);
    const y = graph.op('Mul', [x, gate]);
    // d(x s)/dx = s + x s (1 - s) = y + s (1 - y)
    const slope = () => graph.op('Add', [y, graph.op('Mul', [gate, graph.op('Sub', [one(graph), y])])]);
    return { y, backward: (dy) => graph.op('Mul', [dy, slope()]) };
  },
  softmax: (graph, x) => {
    const y = graph.op('Softmax', [x], { axis: -1 });
    const mean = (dy: Value) =>
      graph.op('ReduceSum', [graph.op('Mul', [dy, y]), graph.integers([-1])], { keepdims: 1 });
    return { y, backward: (dy) => graph.op('Mul', [y, graph.op('Sub', [dy, mean(dy)])]) };
  },
};

/** Keras 3 writes some names in another way. */
const spellings: Readonly<Record<string, string>> = { hard_sigmoid: 'hardSigmoid', silu: 'swish' };

export const activationNames = Object.keys(activations);

/** The name by which an activation is known here, or undefined where the compiled backend does not cover it. */
export function knownActivation(name: string): string | undefined {
  const spelled = spellings[name] ?? name;
  return Object.hasOwn(activations, spelled) ? spelled : undefined;
}

export function activate(graph: Graph, name: string, x: Value): Activated {
  return activations[name]!(graph, x);
}

/** max(x, alpha x): the layer LeakyReLU, whose slope is part of the layer. */
export function leakyRelu(graph: Graph, alpha: number, x: Value): Activated {
  const y = graph.op('LeakyRelu', [x], { alpha: { float: alpha } });
  const below = (dy: Value) => graph.op('Mul', [dy, graph.scalar(alpha)]);
  return { y, backward: (dy) => graph.op('Where', [graph.op('Greater', [x, zero(graph)]), dy, below(dy)]) };
}
