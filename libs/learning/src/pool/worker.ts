import { move, Piscina, workerData } from 'piscina';
import { isFault } from '#libs/fault';
import type { Engine } from '../engine/engine.ts';
import { openEngine } from '../engine/open.ts';
import { norm } from '../aggregation/norm.ts';
import { forWeightedSums } from '../aggregation/weighted-sums.ts';
import { layoutSize } from '../parameters.ts';
import { carryOut } from '../scoring/recipe.ts';
import { shared } from '../shared.ts';
import { evaluatePart, type EvaluationSums } from '../training/evaluate.ts';
import { train } from '../training/train.ts';
import { partsOf, type Answer, type Answers, type Task, type WorkerStart } from './messages.ts';

// One engine a thread, opened with the first task; its sessions stay warm for all that follow.
let opened: Promise<Engine> | undefined;

function engine(): Promise<Engine> {
  const { description, backend } = workerData as WorkerStart;
  return (opened ??= openEngine(description, backend).then(({ engine }) => engine));
}

const isClosing = (): boolean => Atomics.load((workerData as WorkerStart).closing, 0) !== 0;

/** Leaves what is under way: a thread that is ended in the middle of native code takes the process with it. */
function stayUnlessClosing(): void {
  if (isClosing()) throw new Error('the learner is being closed');
}

async function answerTo(task: Task): Promise<Answers[Task['kind']]> {
  stayUnlessClosing();
  switch (task.kind) {
    case 'initialise':
      return (await engine()).initialise(task.seed);
    case 'evaluate':
      return evaluate(await engine(), task);
    case 'norms':
      return task.deltas.map(norm);
    case 'sum': {
      const { deltas, weights, into, span } = task;
      forWeightedSums(deltas, weights, ...span, (sums, start, count) => {
        into.set(sums.subarray(0, count), start);
      });
      return null;
    }
    case 'train': {
      const { progress } = task;
      const report = progress && ((state: unknown) => { progress.postMessage(state); }); // prettier-ignore
      const result = await train(await engine(), task.task, report, stayUnlessClosing);
      progress?.close();
      // Whoever makes an update of it has it where all threads can score it.
      return { ...result, values: shared(result.values) };
    }
  }
}

/** Where candidates are made; ONNX Runtime takes no views of shared memory. */
const kitchen: Float32Array[] = [];

async function evaluate(
  engine: Engine,
  { recipes, shard, parts }: Task & { kind: 'evaluate' },
): Promise<Answers['evaluate']> {
  const candidates = recipes.map((recipe, i) => {
    const values = (kitchen[i] ??= new Float32Array(layoutSize(engine.layout)));
    carryOut(recipe, values);
    return values;
  });
  const sums: EvaluationSums[][] = [];
  for (const [from, to] of parts) {
    stayUnlessClosing();
    sums.push(await evaluatePart(engine, candidates, shard, from, to));
  }
  return sums;
}

/** Buffers that go to the caller without a copy; nobody here uses them again. */
function buffersOf(value: Answers[Task['kind']]): ArrayBufferLike[] {
  if (value instanceof Float32Array) return [value.buffer];
  if (value !== null && 'state' in value) return value.state.slots.map(({ buffer }) => buffer);
  return [];
}

/** Carries out one task; a fault is an answer, anything else that is thrown is a bug and stays an exception. */
export default async function (task: Task): Promise<unknown> {
  try {
    const value = await answerTo(task);
    const answer: Answer<Task['kind']> = { value };
    return move({ [Piscina.transferableSymbol]: buffersOf(value), [Piscina.valueSymbol]: answer } as never);
  } catch (error) {
    if (isFault(error)) return { fault: partsOf(error) };
    throw error;
  }
}
