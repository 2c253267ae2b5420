import type { Rpc } from './rpc.ts';

/** Requests that change nothing; everything else may. */
const reads: ReadonlySet<string> = new Set([
  'eth_blockNumber',
  'eth_call',
  'eth_chainId',
  'eth_getBlockByNumber',
  'eth_getCode',
  'eth_getLogs',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
]);

/**
 * For an EVM that nobody else can reach: between two requests that may change it, it gives one answer to one question,
 * so the second who asks is given what the first was. A process of ten nodes asks for the same head, logs and preview
 * ten times. Answers are shared: whoever gets one does not change it.
 */
export function remembered(rpc: Rpc): Rpc {
  const answers = new Map<string, Promise<unknown>>();
  let changing = 0;

  async function change(method: string, params: readonly unknown[]): Promise<unknown> {
    changing++;
    answers.clear();
    try {
      return await rpc.request(method, params);
    } finally {
      changing--;
    }
  }

  return {
    request(method, params) {
      if (!reads.has(method)) return change(method, params);
      // Asked while something is changing: nobody knows whether it is answered before or after.
      if (changing > 0) return rpc.request(method, params);
      const question = `${method} ${JSON.stringify(params)}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = rpc.request(method, params);
      answers.set(question, answer);
      return answer;
    },
    close: () => rpc.close(),
  };
}
