import { createRequire } from 'node:module';
import * as ort from 'onnxruntime-node';

export type Feeds = Readonly<Record<string, ort.Tensor>>;

/** A graph ready to run. */
export interface Session {
  readonly inputNames: readonly string[];
  /** Reads `feeds` and writes into the tensors of `fetches`. */
  run(feeds: Feeds, fetches: Feeds): Promise<unknown> | undefined;
}

const options: ort.InferenceSession.SessionOptions = {
  // One session per worker thread, one core each: two threads in one session scale worse than two sessions.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

/** What is used of the native half of onnxruntime-node. */
interface Native {
  readonly initOrt: () => void;
  readonly binding: {
    readonly InferenceSession: new () => {
      loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
      run(feeds: Feeds, fetches: Feeds, options: object): Feeds;
      readonly inputMetadata: readonly { readonly name: string }[];
    };
  };
}

/**
 * The native half, where the installed package still has it in its place. Its public `run` calls the same function, but waits
 * for the event loop's next turn first, which a step of half a millisecond feels (ADR 61).
 */
function native(): Native | null {
  try {
    const found = createRequire(import.meta.url)('onnxruntime-node/dist/binding.js') as Partial<Native>;
    const isKnown =
      typeof found.initOrt === 'function' && typeof found.binding?.InferenceSession === 'function';
    return isKnown ? (found as Native) : null;
  } catch {
    return null;
  }
}

export async function openSession(model: Uint8Array, direct: Native | null = native()): Promise<Session> {
  if (!direct) {
    const session = await ort.InferenceSession.create(model, options);
    return {
      inputNames: session.inputNames,
      run: (feeds, fetches) => session.run(feeds, fetches),
    };
  }
  direct.initOrt();
  const session = new direct.binding.InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
  return {
    inputNames: session.inputMetadata.map(({ name }) => name),
    run(feeds, fetches) {
      const copies = session.run(feeds, fetches, {});
      for (const name in copies) giveBack(copies[name]!);
      return undefined;
    },
  };
}

/** Smaller copies are left to the collector: there are many, and they hardly weigh on it. */
const largeBytes = 16 * 1024;

/**
 * Frees what onnxruntime-node 1.30 hands out: a copy of every output, those included that it has written into our own memory.
 * Left to the garbage collector, the copies of a step's weights take fresh memory with every step.
 */
function giveBack({ data }: ort.Tensor): void {
  const { buffer } = data as Float32Array<ArrayBuffer>;
  if (buffer.byteLength >= largeBytes) buffer.transfer(0);
}
