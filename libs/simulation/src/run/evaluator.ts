import type { Evaluation, Parameters } from '#libs/learning';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { RealMs } from './devices.ts';
import type { Ground } from './ground.ts';
import type { WorkCache } from './work-cache.ts';

/** When a result is there: late enough for the test to run beside the next round's training. */
const testedAfterMs = 5_000;

/** Tests released models on the test set, which nobody else has. Nobody waits for it but the record of the round. */
export class Evaluator {
  readonly #ground: Ground;
  readonly #time: VirtualTime;
  readonly #real: RealMs;
  readonly #cache: WorkCache | undefined;
  #tests = 0;

  constructor(ground: Ground, time: VirtualTime, real: RealMs, cache?: WorkCache) {
    this.#ground = ground;
    this.#time = time;
    this.#real = real;
    this.#cache = cache;
  }

  test(model: Parameters): Promise<Evaluation> {
    const { learner, test } = this.#ground;
    const n = this.#tests++;
    const evaluate = async () => (await learner.evaluate([model], test))[0]!;
    return this.#time.work(testedAfterMs, async () => {
      const start = performance.now();
      const evaluation = await (this.#cache?.once('evaluator', { kind: 'testing' }, n, evaluate) ??
        evaluate());
      this.#real.testing += performance.now() - start;
      return evaluation;
    });
  }
}
