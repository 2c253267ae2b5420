import fc from 'fast-check';
import { expect, it } from 'vitest';
import { remembered } from './remembered.ts';
import type { Rpc } from './rpc.ts';

/** An EVM whose whole state is how often it was changed; it answers when it is told to. */
class Counter implements Rpc {
  asked = 0;
  #changes = 0;
  readonly #waiting: (() => void)[] = [];

  request(method: string): Promise<unknown> {
    this.asked++;
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        if (method === 'evm_mine') this.#changes++;
        resolve(this.#changes);
      });
    });
  }

  /** Answers what was asked first. */
  answer(): void {
    this.#waiting.shift()?.();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('asks once what many ask between two changes', async () => {
  const evm = new Counter();
  const rpc = remembered(evm);
  const asking = Array.from({ length: 10 }, () => rpc.request('eth_call', [{ to: '0x1' }, 'latest']));
  evm.answer();
  expect(await Promise.all(asking)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(evm.asked).toBe(1);
  const other = rpc.request('eth_call', [{ to: '0x2' }, 'latest']);
  evm.answer();
  await other;
  expect(evm.asked).toBe(2);
});

it('whoever asks after a change was made sees it, whatever was asked before and is still under way', async () => {
  const act = fc.constantFrom('ask', 'change', 'answer', 'answer');
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const evm = new Counter();
      const rpc = remembered(evm);
      let made = 0;
      const seen: Promise<{ atLeast: number; answer: unknown }>[] = [];
      for (const one of acts) {
        if (one === 'answer') evm.answer();
        else if (one === 'change')
          void rpc.request('evm_mine', []).then(() => {
            made++;
          });
        else {
          const atLeast = made;
          seen.push(rpc.request('eth_blockNumber', []).then((answer) => ({ atLeast, answer })));
        }
        await turn();
      }
      acts.forEach(() => {
        evm.answer();
      });
      for (const { atLeast, answer } of await Promise.all(seen))
        expect(answer).toBeGreaterThanOrEqual(atLeast);
    }),
    { numRuns: 200 },
  );
});
