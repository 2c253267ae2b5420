import type { Shard } from '#libs/data';
import type { Evaluation, Parameters } from '#libs/learning';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { RealMs } from './devices.ts';
import type { Ground } from './ground.ts';
import type { WorkCache } from './work-cache.ts';

/** When a result is there: late enough for the test to run beside the next round's training. */
const testedAfterMs = 5_000;

/** What a released model came to. */
export interface TestResult extends Evaluation {
  /** Accuracy on the test of an attack, where the run has one. */
  readonly attack: number | null;
}

/** Tests released models on the test set, which nobody else has. Nobody waits for it but the record of the round. */
export class Evaluator {
  readonly #ground: Ground;
  readonly #attack: Shard | null;
  readonly #time: VirtualTime;
  readonly #real: RealMs;
  readonly #cache: WorkCache | undefined;
  #tests = 0;

  /** @param attack What shows whether an attack has succeeded. */
  constructor(ground: Ground, attack: Shard | null, time: VirtualTime, real: RealMs, cache?: WorkCache) {
    this.#ground = ground;
    this.#attack = attack;
    this.#time = time;
    this.#real = real;
    this.#cache = cache;
  }

  test(model: Parameters): Promise<TestResult> {
    const n = this.#tests++;
    const evaluate = () => this.#evaluate(model);
    return this.#time.work(testedAfterMs, async () => {
      const start = performance.now();
      const evaluation = await (this.#cache?.once('evaluator', { kind: 'testing' }, n, evaluate) ??
        evaluate());
      this.#real.testing += performance.now() - start;
      return evaluation;
    });
  }
  async #evaluate(model: Parameters): Promise<TestResult> {
    const { learner, test } = this.#ground;
    const on = async (shard: Shard) => (await learner.evaluate([model], shard))[0]!;
    const evaluation = await on(test);
    const attack = this.#attack === null ? null : ((await on(this.#attack)).accuracy ?? null);
    return { ...evaluation, attack };
  }
}
