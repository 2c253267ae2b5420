import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '#libs/fault';
import { type Rpc, Unreached } from './rpc.ts';

export interface Patience {
  /** How long to go on asking a node that does not answer. */
  readonly patienceMs: number;
  /** Between two attempts. */
  readonly retryMs: number;
}

/**
 * Asks again until there is an answer: a node that restarts is not noticed but for the delay. All requests that libs/evm
 * makes can be repeated without harm; a signed transaction has one nonce and is executed at most once.
 */
export function patient(rpc: Rpc, { patienceMs, retryMs }: Patience): Rpc {
  let isClosed = false;
  return {
    async request(method, params) {
      const since = performance.now();
      for (;;) {
        try {
          return await rpc.request(method, params);
        } catch (error) {
          if (!(error instanceof Unreached)) throw error;
          // What is closed does not answer any more, however often it is asked.
          if (isClosed || performance.now() - since >= patienceMs)
            throw unreachable(error, method, patienceMs);
          await pause(retryMs);
        }
      }
    },
    close() {
      isClosed = true;
      return rpc.close();
    },
  };
}

function unreachable(cause: Unreached, method: string, patienceMs: number): Fault {
  return new Fault(
    'CHAIN_UNREACHABLE',
    `The chain's node did not answer ${method} for ${patienceMs} ms: ${cause.message}.`,
    {
      facts: { method, patienceMs },
      hint: 'Check that the node is running and that its RPC URL is right; nothing is lost, start again when it answers.',
      cause,
    },
  );
}
