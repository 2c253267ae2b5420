import { z } from 'zod';
import type { Graph, Value } from '../../onnx/graph.ts';
import { channelsLast, padding, pair } from './config.ts';
import type { Forward, LayerKind, Shape } from './layer.ts';
import { remainder, slide, type Window } from './window.ts';

const config = z.looseObject({
  pool_size: pair.default([2, 2]),
  strides: pair.nullish(),
  padding,
  data_format: channelsLast,
});

type Pool = (graph: Graph, window: Window, shape: Shape, x: Value) => Forward;

function pooling(className: string, pool: Pool): LayerKind<z.infer<typeof config>> {
  return {
    className,
    config,
    create(name, { pool_size, strides, padding }, inputShape) {
      if (inputShape.length !== 3) return { shapeProblem: `needs images of shape [height, width, channels]` };
      const window = slide(inputShape, pool_size, strides ?? pool_size, padding);
      if (!window) return { shapeProblem: `a window of ${pool_size.join(' x ')} does not fit` };
      return {
        name,
        className,
        inputShape,
        outputShape: [window.axes[0].output, window.axes[1].output, inputShape[2]!],
        weights: [],
        forward: ({ graph }, x) => pool(graph, window, inputShape, x),
      };
    },
  };
}

const attributes = ({ kernel, strides, pads }: Window) => ({ kernel_shape: kernel, strides, pads });

/** True where the windows cover the input as tiles do: side by side, nothing padded. */
function isTiling(window: Window): boolean {
  return !window.padded && window.axes.every(({ size, stride }) => size === stride);
}

export const maxPooling = pooling('MaxPooling2D', (graph, window, shape, x) =>
  isTiling(window) ? tiledMax(graph, window, x) : scatteredMax(graph, window, shape, x),
);

/**
 * Tiles: the gradient goes to the places that equal their tile's maximum, in equal parts where several do. Three times
 * faster than MaxPool with indices and MaxUnpool, whose index output takes ONNX Runtime off its fast path. Equal
 * parts to equal maxima are a valid subgradient.
 */
function tiledMax(graph: Graph, window: Window, x: Value): Forward {
  const y = graph.op('MaxPool', [x], attributes(window));
  const spread = (value: Value) =>
    graph.op('Resize', [value, undefined, graph.tensor(Float32Array.of(1, 1, ...window.strides), [4])], {
      mode: 'nearest',
      nearest_mode: 'floor',
      coordinate_transformation_mode: 'asymmetric',
    });
  return {
    y,
    backward(dy, wantsInput) {
      if (!wantsInput) return { dx: undefined, gradients: [] };
      const covered = crop(graph, window, x);
      const isMaximum = graph.op('Cast', [graph.op('Equal', [spread(y), covered])], { to: 1 });
      const share = graph.op('AveragePool', [isMaximum], attributes(window));
      const each = graph.op('Div', [
        dy,
        graph.op('Mul', [share, graph.scalar(window.kernel[0]! * window.kernel[1]!)]),
      ]);
      return { dx: uncrop(graph, window, graph.op('Mul', [isMaximum, spread(each)])), gradients: [] };
    },
  };
}

/** Overlapping or padded windows: each maximum's gradient is added at the place it came from. */
function scatteredMax(graph: Graph, window: Window, [height, width, channels]: Shape, x: Value): Forward {
  const [y, places] = graph.ops('MaxPool', [x], 2, attributes(window)) as [Value, Value];
  return {
    y,
    backward(dy, wantsInput) {
      if (!wantsInput) return { dx: undefined, gradients: [] };
      const flat = (value: Value) => graph.op('Reshape', [value, graph.integers([-1])]);
      const zeros = graph.op('ConstantOfShape', [graph.op('Shape', [flat(x)])]);
      const sums = graph.op('ScatterElements', [zeros, flat(places), flat(dy)], { reduction: 'add' });
      return {
        dx: graph.op('Reshape', [sums, graph.integers([-1, channels!, height!, width!])]),
        gradients: [],
      };
    },
  };
}

/** Every value of a window gets the same part of its gradient; padding does not count as a value. */
export const averagePooling = pooling('AveragePooling2D', (graph, window, shape, x) => ({
  y: graph.op('AveragePool', [x], attributes(window)),
  backward(dy, wantsInput) {
    if (!wantsInput) return { dx: undefined, gradients: [] };
    const channels = shape[2]!;
    const part = graph.op('Div', [dy, counts(graph, window)]);
    const ones = new Float32Array(channels * window.kernel[0]! * window.kernel[1]!).fill(1);
    const spread = graph.op('ConvTranspose', [part, graph.tensor(ones, [channels, 1, ...window.kernel])], {
      ...attributes(window),
      group: channels,
      output_padding: window.axes.map(remainder),
    });
    return { dx: spread, gradients: [] };
  },
}));

/** Number of real (not padded) values under each window, shape [1, 1, height, width]. */
function counts(graph: Graph, { axes }: Window): Value {
  const along = axes.map(({ input, output, size, stride, before }) =>
    Array.from({ length: output }, (_, i) => {
      const start = i * stride - before;
      return Math.min(start + size, input) - Math.max(start, 0);
    }),
  ) as [number[], number[]];
  const all = along[0].flatMap((v) => along[1].map((h) => v * h));
  return graph.tensor(Float32Array.from(all), [1, 1, along[0].length, along[1].length]);
}

/** The part of an input that the windows cover. */
function crop(graph: Graph, { axes }: Window, x: Value): Value {
  if (axes.every((axis) => remainder(axis) === 0)) return x;
  const ends = axes.map((axis) => axis.input - remainder(axis));
  return graph.op('Slice', [x, graph.integers([0, 0]), graph.integers(ends), graph.integers([2, 3])]);
}

/** Zeros where no window reached. */
function uncrop(graph: Graph, { axes }: Window, dx: Value): Value {
  if (axes.every((axis) => remainder(axis) === 0)) return dx;
  return graph.op('Pad', [dx, graph.integers([0, 0, 0, 0, 0, 0, ...axes.map(remainder)])]);
}
