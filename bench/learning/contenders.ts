import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { wholeShard, type Dataset, type Shard } from '#libs/data';
import { loadModel, openLearner, type Learner, type Parameters } from '#libs/learning';
import { Graph } from '../../libs/learning/src/onnx/graph.ts';
import { products, type Case } from './arithmetic.ts';

/** Something that does a case's work; `rate` is in samples a second, over one measurement. */
export interface Contender {
  readonly name: string;
  rate(which: Case): Promise<number | undefined>;
  close(): Promise<void>;
}

export const settings = {
  train: { 'mlp-200': 9_600, 'flobc-cnn': 1_920, lenet5: 3_840 },
  candidates: 5,
} as const;

/** What one worker does of a case. */
const samplesOf = ({ model, mode }: Case): number =>
  mode === 'train' ? settings.train[model] : 10_000 * settings.candidates;

/** Plain SGD through the public interface, with as many trainings or candidates at once as there are workers. */
export function product(
  data: { train: Dataset; test: Dataset },
  workers: number,
  backend: 'compiled' | 'tfjs',
  share = 1,
): Contender {
  const learners = new Map<string, { learner: Learner; parameters: Parameters; shard: Shard; test: Shard }>();
  const open = async (name: Case['model']) => {
    const known = learners.get(name);
    if (known) return known;
    const learner = await openLearner({ model: await loadModel(name), workers, backend });
    const samples = Math.round(settings.train[name] * share);
    const shard = { dataset: data.train, indices: wholeShard(data.train).indices.slice(0, samples) };
    const indices = wholeShard(data.test).indices.slice(0, Math.round(10_000 * share));
    const opened = {
      learner,
      parameters: await learner.initialise(1),
      shard,
      test: { dataset: data.test, indices },
    };
    learners.set(name, opened);
    await work(opened, { model: name, mode: 'train', batch: 32 });
    return opened;
  };
  const work = async (
    { learner, parameters, shard, test }: Awaited<ReturnType<typeof open>>,
    { mode, batch }: Case,
  ) => {
    if (mode === 'evaluate') {
      const candidates = Array.from({ length: settings.candidates }, () => parameters);
      await learner.evaluate(candidates, test);
      return test.indices.length * candidates.length;
    }
    const hyper = { batchSize: batch, optimizer: { kind: 'sgd' as const, learningRate: 0.01 } };
    const all = await Promise.all(
      Array.from({ length: workers }, (_, seed) => learner.train({ parameters, shard, hyper, seed })),
    );
    return all.reduce((sum, { samples }) => sum + samples, 0);
  };
  return {
    name: `${backend}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    async rate(which) {
      const opened = await open(which.model);
      if (opened.learner.notice?.includes('(cpu)')) return undefined;
      const start = performance.now();
      const samples = await work(opened, which);
      return samples / ((performance.now() - start) / 1000);
    },
    async close() {
      for (const { learner } of learners.values()) await learner.close();
    },
  };
}

/** Two processes of one worker each, side by side: what two workers in one process are held against. */
export async function twoProcesses(): Promise<Contender> {
  const file = fileURLToPath(new URL('child.ts', import.meta.url));
  const children = [fork(file), fork(file)];
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    name: 'compiled, 2 processes',
    async rate(which) {
      // By the clock, until both are done: the same yardstick as that of two workers.
      const start = performance.now();
      const answers = children.map((child) => once(child, 'message'));
      for (const child of children) child.send(which);
      await Promise.all(answers);
      return (children.length * samplesOf(which)) / ((performance.now() - start) / 1000);
    },
    close: () => end(children),
  };
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  }
}

/** Only the matrix products of the case, in one graph, on one thread: what no implementation on this library passes. */
export function matrixProducts(): Contender {
  const sessions = new Map<string, { session: ort.InferenceSession; feeds: Record<string, ort.Tensor> }>();
  const open = async ({ model, mode, batch }: Case) => {
    const key = JSON.stringify([model, mode, batch]);
    const known = sessions.get(key);
    if (known) return known;
    const graph = new Graph();
    const feeds: Record<string, ort.Tensor> = {};
    const input = (name: string, shape: number[]) => {
      feeds[name] = new ort.Tensor('float32', new Float32Array(shape[0]! * shape[1]!).fill(0.01), shape);
      return graph.input(name, shape);
    };
    for (const [i, { m, k, n }] of products(model, mode, batch).entries()) {
      graph.output(`c${i}`, graph.op('MatMul', [input(`a${i}`, [m, k]), input(`b${i}`, [k, n])]), [m, n]);
    }
    const session = await ort.InferenceSession.create(graph.bytes(), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const opened = { session, feeds };
    sessions.set(key, opened);
    await session.run(feeds);
    return opened;
  };
  return {
    name: 'matrix products alone, 1 thread',
    async rate(which) {
      const { session, feeds } = await open(which);
      const start = performance.now();
      let steps = 0;
      for (; performance.now() - start < 300; steps++) await session.run(feeds);
      return (steps * which.batch) / ((performance.now() - start) / 1000);
    },
    async close() {
      for (const { session } of sessions.values()) await session.release();
    },
  };
}

export interface PyTorch extends Contender {
  readonly version: string;
  readonly blas: readonly string[];
}

/** PyTorch eager where this machine has it, with the given number of threads. */
export async function pytorch(threads: number): Promise<PyTorch | undefined> {
  const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find((path) => existsSync(path));
  if (!python) return undefined;
  const script = fileURLToPath(new URL('pytorch.py', import.meta.url));
  const child = spawn(python, [script, String(threads), '0.5'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return undefined;
  const { version, blas } = JSON.parse(first.value) as { version: string; blas: string[] };
  return {
    name: `PyTorch ${version}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    version,
    blas,
    async rate(which) {
      child.stdin.write(`${JSON.stringify(which)}\n`);
      const line = await lines.next();
      return (JSON.parse(line.value as string) as { samplesPerSecond: number }).samplesPerSecond;
    },
    close: () => end([child]),
  };
}
