import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { Graph } from '../onnx/graph.ts';
import { openSession } from './session.ts';

function line(): Uint8Array {
  const graph = new Graph();
  const sum = graph.op('Add', [
    graph.op('MatMul', [graph.input('x', ['N', 3]), graph.input('w', [3, 2])]),
    graph.input('b', []),
  ]);
  graph.output('y', sum, ['N', 2]);
  return graph.bytes();
}

test('a session reads its feeds and writes into its fetches, past the public interface as through it', async () => {
  const model = line();
  const direct = await openSession(model);
  const through = await openSession(model, null);
  expect(direct.inputNames).toEqual(['x', 'w', 'b']);
  expect(through.inputNames).toEqual(direct.inputNames);
  const floats = (length: number) =>
    fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true });
  await fc.assert(
    fc.asyncProperty(floats(6), floats(6), floats(1), async (x, w, b) => {
      const feeds = {
        x: new ort.Tensor('float32', x, [2, 3]),
        w: new ort.Tensor('float32', w, [3, 2]),
        b: new ort.Tensor('float32', b, []),
      };
      const [ours, theirs] = [new Float32Array(4), new Float32Array(4)];
      await direct.run(feeds, { y: new ort.Tensor('float32', ours, [2, 2]) });
      await through.run(feeds, { y: new ort.Tensor('float32', theirs, [2, 2]) });
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 30 },
  );
});

test('the installed package has what is called in it directly', async () => {
  const session = await openSession(line());
  const tensor = (shape: number[]) =>
    new ort.Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  // Otherwise steps would go through the public interface, and be slower without anybody noticing.
  expect(
    session.run({ x: tensor([1, 3]), w: tensor([3, 2]), b: tensor([]) }, { y: tensor([1, 2]) }),
  ).toBeUndefined();
});

test('what a run is handed besides its own tensors is freed at once', async () => {
  const rows = 100_000;
  const session = await openSession(line());
  const [x, y] = [new Float32Array(3 * rows), new Float32Array(2 * rows)];
  const feeds = {
    x: new ort.Tensor('float32', x, [rows, 3]),
    w: new ort.Tensor('float32', new Float32Array(6), [3, 2]),
    b: new ort.Tensor('float32', Float32Array.of(1), []),
  };
  const fetches = { y: new ort.Tensor('float32', y, [rows, 2]) };
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 8; i++) await session.run(feeds, fetches);
  expect(y.at(-1)).toBe(1);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(y.byteLength);
});

test('a graph that cannot be loaded or run is an error', async () => {
  await expect(openSession(Uint8Array.of(1, 2, 3))).rejects.toThrow();
  const session = await openSession(line());
  await expect(async () => session.run({}, {})).rejects.toThrow();
});
