import type { Graph, Value } from '../../onnx/graph.ts';
import type { Shape } from './layer.ts';
import type { Window } from './window.ts';

/**
 * A convolution as matrix products, for training: what every place of the kernel meets is laid out once, and used for the
 * output and for the kernel's gradient.
 */
export interface ConvProducts {
  /** The output, [N, filters, height, width]; absent where ONNX Runtime's own Conv is faster. */
  readonly output: ((kernel: Value, bias: Value | undefined) => Value) | undefined;
  /** Gradient of the kernel, [height, width, channels, filters], given that of the output. */
  readonly kernelGradient: (dz: Value) => Value;
}

export interface ConvSizes {
  readonly window: Window;
  readonly channels: number;
  readonly filters: number;
}

/** Up to this many output positions an image is too small a matrix for one product each; measured on 8x8 to 32x32. */
const smallOutput = 200;

/** Up to this many channels, rows of patches are better gathered than cut; measured on 1, 3 and 32. */
const fewChannels = 3;

/** Three ways to the same sums, by what is faster. */
export function convProducts(graph: Graph, sizes: ConvSizes, x: Value): ConvProducts {
  const [vertical, horizontal] = sizes.window.axes;
  const padded = padding2d(graph, sizes.window, x);
  if (vertical.output * horizontal.output <= smallOutput) return productsByRows(graph, sizes, padded);
  return productsByImage(graph, sizes, padded);
}

function padding2d(graph: Graph, { pads, padded }: Window, x: Value): Value {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return padded ? graph.op('Pad', [x, graph.integers([0, 0, top, left, 0, 0, bottom, right])]) : x;
}

/** What the kernel's place `at` along one axis meets: of dimension 2 the vertical axis, of 3 the horizontal. */
function met(graph: Graph, { axes }: Window, value: Value, dimension: 2 | 3, at: number): Value {
  const { output, stride } = axes[dimension - 2]!;
  return graph.op('Slice', [
    value,
    graph.integers([at]),
    graph.integers([at + (output - 1) * stride + 1]),
    graph.integers([dimension]),
    ...(stride > 1 ? [graph.integers([stride])] : []),
  ]);
}

const places = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Channels and examples change places. */
const swapped = (graph: Graph, value: Value) => graph.op('Transpose', [value], { perm: [1, 0, 2, 3] });

/**
 * One product for each row of the kernel, over all images at once. What that row meets is a matrix of
 * [width x channels, all positions].
 */
function productsByRows(graph: Graph, { window, channels, filters }: ConvSizes, padded: Value): ConvProducts {
  const [height, width] = window.kernel as [number, number];
  const [vertical, horizontal] = window.axes;
  const images = swapped(graph, padded);
  const shifted = places(width).map((j) => met(graph, window, images, 3, j));
  const stacked = graph.op('Concat', shifted, { axis: 0 });
  const rows = places(height).map((i) =>
    graph.op('Reshape', [met(graph, window, stacked, 2, i), graph.integers([width * channels, -1])]),
  );
  return {
    output(kernel, bias) {
      let sum = bias && graph.op('Reshape', [bias, graph.integers([filters, 1])]);
      for (const [i, row] of rows.entries()) {
        const ofRow = graph.op('Slice', [
          kernel,
          graph.integers([i]),
          graph.integers([i + 1]),
          graph.integers([0]),
        ]);
        const matrix = graph.op('Reshape', [ofRow, graph.integers([width * channels, filters])]);
        sum = graph.op('Gemm', [matrix, row, sum], { transA: 1 });
      }
      const shape = graph.integers([filters, -1, vertical.output, horizontal.output]);
      return swapped(graph, graph.op('Reshape', [sum, shape]));
    },
    kernelGradient(dz) {
      const gradient = graph.op('Reshape', [swapped(graph, dz), graph.integers([filters, -1])]);
      const products = rows.map((row) => graph.op('Gemm', [row, gradient], { transB: 1 }));
      return graph.op('Reshape', [
        graph.op('Concat', products, { axis: 0 }),
        graph.integers([height, width, channels, filters]),
      ]);
    },
  };
}

/** One product for each image: its patches, [places x channels, positions], one below the other. */
function productsByImage(graph: Graph, sizes: ConvSizes, padded: Value): ConvProducts {
  const { window, channels, filters } = sizes;
  const [vertical, horizontal] = window.axes;
  const layout = channels <= fewChannels ? gatheredPatches : cutPatches;
  const { patches, order, there, back } = layout(graph, sizes, padded);
  const height = order.reduce((a, b) => a * b, 1);
  return {
    output:
      filters < height && channels <= fewChannels
        ? (kernel, bias) => {
            const ordered = graph.op('Transpose', [kernel], { perm: there });
            const matrix = graph.op('Reshape', [ordered, graph.integers([filters, height])]);
            const product = graph.op('MatMul', [matrix, patches]);
            const perFilter = bias && graph.op('Reshape', [bias, graph.integers([filters, 1])]);
            return graph.op('Reshape', [
              perFilter ? graph.op('Add', [product, perFilter]) : product,
              graph.integers([0, filters, vertical.output, horizontal.output]),
            ]);
          }
        : undefined,
    kernelGradient(dz) {
      const gradient = graph.op('Reshape', [dz, graph.integers([0, filters, -1])]);
      const perImage = graph.op('MatMul', [gradient, graph.op('Transpose', [patches], { perm: [0, 2, 1] })]);
      const summed = graph.op('ReduceSum', [perImage, graph.integers([0])], { keepdims: 0 });
      const ordered = graph.op('Reshape', [summed, graph.integers([filters, ...order])]);
      return graph.op('Transpose', [ordered], { perm: back });
    },
  };
}

interface Patches {
  /** [N, places x channels, positions] */
  readonly patches: Value;
  /** How places and channels are ordered, by their counts. */
  readonly order: Shape;
  /** Permutations from [height, width, channels, filters] to [filters, ...order], and back. */
  readonly there: readonly number[];
  readonly back: readonly number[];
}

/** Shifted to every place along the width by slices, then along the height by gathering rows. */
function gatheredPatches(graph: Graph, { window, channels }: ConvSizes, padded: Value): Patches {
  const [height, width] = window.kernel as [number, number];
  const { output, stride } = window.axes[0];
  const shifted = places(width).map((j) => met(graph, window, padded, 3, j));
  const rows = places(height).flatMap((i) => places(output).map((y) => i + y * stride));
  const stacked = graph.op('Gather', [graph.op('Concat', shifted, { axis: 1 }), graph.integers(rows)], {
    axis: 2,
  });
  const patches = graph.op('Reshape', [stacked, graph.integers([0, width * channels * height, -1])]);
  return { patches, order: [width, channels, height], there: [3, 1, 2, 0], back: [3, 1, 2, 0] };
}

/** A slice for every place. */
function cutPatches(graph: Graph, { window, channels }: ConvSizes, padded: Value): Patches {
  const [height, width] = window.kernel as [number, number];
  const slices = places(height).flatMap((i) => {
    const row = met(graph, window, padded, 2, i);
    return places(width).map((j) => met(graph, window, row, 3, j));
  });
  const flat = slices.map((slice) => graph.op('Reshape', [slice, graph.integers([0, channels, -1])]));
  const patches = graph.op('Concat', flat, { axis: 1 });
  return { patches, order: [height, width, channels], there: [3, 0, 1, 2], back: [1, 2, 3, 0] };
}
