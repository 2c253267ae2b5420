import * as ort from 'onnxruntime-node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Graph } from './graph.ts';

const load = (graph: Graph) => ort.InferenceSession.create(graph.bytes(), { logSeverityLevel: 3 });
const vector = (...values: number[]) => new ort.Tensor('float32', Float32Array.from(values), [values.length]);

async function run(graph: Graph, feeds: Record<string, ort.Tensor> = {}): Promise<Record<string, number[]>> {
  const output = await (await load(graph)).run(feeds);
  return Object.fromEntries(
    Object.entries(output).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]),
  );
}

describe('a graph', () => {
  test('loads in ONNX Runtime, with the names and shapes of its inputs and outputs', async () => {
    const graph = new Graph();
    const x = graph.input('x', ['N', 3]);
    const bytes = graph.input('bytes', [2], 'uint8');
    graph.output('sum', graph.op('ReduceSum', [x, graph.integers([1])], { keepdims: 0 }), ['N']);
    graph.output('floats', graph.op('Cast', [bytes], { to: 1 }), [2]);
    const session = await load(graph);
    expect(session.inputMetadata).toMatchObject([
      { name: 'x', type: 'float32', shape: ['N', 3] },
      { name: 'bytes', type: 'uint8', shape: [2] },
    ]);
    expect(session.outputNames).toEqual(['sum', 'floats']);
    const output = await session.run({
      x: new ort.Tensor('float32', [1, 2, 3, 4, 5, 6], [2, 3]),
      bytes: new ort.Tensor('uint8', [7, 255], [2]),
    });
    expect(output.sum!.data).toEqual(Float32Array.of(6, 15));
    expect(output.floats!.data).toEqual(Float32Array.of(7, 255));
  });

  test('computes what its operators say, for any numbers', async () => {
    const graph = new Graph();
    const x = graph.input('x', ['N']);
    const line = graph.op('Add', [graph.op('Mul', [x, graph.scalar(2)]), graph.scalar(-0.5)]);
    graph.output('y', line, ['N']);
    const session = await load(graph);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }),
        async (xs) => {
          const { y } = await session.run({ x: vector(...xs) });
          expect(y!.data).toEqual(
            Float32Array.from(xs, (v) => Math.fround(Math.fround(2 * Math.fround(v)) - 0.5)),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('carries attributes of every type', async () => {
    const graph = new Graph();
    const y = graph.input('x', [2, 2]);
    const places = graph.op('Cast', [y], { to: 7 });
    graph.output('int', graph.op('Softmax', [y], { axis: 0 }), [2, 2]);
    graph.output('float', graph.op('LeakyRelu', [y], { alpha: { float: 0.25 } }), [2, 2]);
    graph.output('ints', graph.op('Transpose', [y], { perm: [1, 0] }), [2, 2]);
    graph.output('string', graph.op('ScatterElements', [y, places, y], { reduction: 'add' }), [2, 2]);
    const output = await run(graph, { x: new ort.Tensor('float32', [0, 0, 1, 1], [2, 2]) });
    expect(output.int!.map((v) => v.toFixed(3))).toEqual(['0.269', '0.269', '0.731', '0.731']);
    expect(output.ints).toEqual([0, 1, 0, 1]);
    expect(output.string).toEqual([0, 0, 2, 2]);
    const negative = await run(graph, { x: new ort.Tensor('float32', [0, -0.5, 1, 1], [2, 2]) });
    expect(negative.float).toEqual([0, -0.125, 1, 1]);
  });

  test('gives several outputs of one operator, and leaves out an input in the middle', async () => {
    const graph = new Graph();
    const x = graph.input('x', [4]);
    const [largest, places] = graph.ops('TopK', [x, graph.integers([2])], 2, { axis: 0 });
    graph.output('largest', largest!, [2]);
    graph.output('places', graph.op('Cast', [places!], { to: 1 }), [2]);
    graph.output('clipped', graph.op('Clip', [x, undefined, graph.scalar(2)]), [4]);
    expect(await run(graph, { x: vector(1, 5, -3, 4) })).toEqual({
      largest: [5, 4],
      places: [1, 3],
      clipped: [1, 2, -3, 2],
    });
  });

  test('stores equal constants once, and different ones apart', () => {
    const graph = new Graph();
    expect(graph.scalar(2)).toBe(graph.tensor(Float32Array.of(2), []));
    expect(graph.integers([1, 2])).toBe(graph.integers([1, 2]));
    const apart = [
      graph.scalar(0),
      graph.scalar(-0),
      graph.tensor(Float32Array.of(0), [1]),
      graph.tensor(new Float32Array(2), [2]),
      graph.tensor(new Float32Array(2), [1, 2]),
      graph.integers([0]),
      graph.integers([]),
    ];
    expect(new Set(apart).size).toBe(apart.length);

    const table = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
    const sizeWith = (times: number) => {
      const own = new Graph();
      const sums = Array.from({ length: times }, () => own.tensor(table.slice(), [10_000]));
      own.output('y', sums.length > 1 ? own.op('Sum', sums) : sums[0]!, [10_000]);
      return own.bytes().length;
    };
    expect(sizeWith(1)).toBeGreaterThan(4 * table.length);
    expect(sizeWith(5)).toBeLessThan(sizeWith(1) + 200);
  });

  test('does not change when the array that a constant came from does', async () => {
    const graph = new Graph();
    const values = Float32Array.of(1, 2);
    graph.output('y', graph.op('Identity', [graph.tensor(values, [2])]), [2]);
    values[0] = 9;
    expect(await run(graph)).toEqual({ y: [1, 2] });
  });

  test('is the same bytes for the same calls', () => {
    const build = () => {
      const graph = new Graph();
      graph.output('y', graph.op('Relu', [graph.input('x', ['N', 2])]), ['N', 2]);
      return graph.bytes();
    };
    expect(build()).toEqual(build());
  });
});
