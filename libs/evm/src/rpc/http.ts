import { revertDataOf, type Rpc, RpcError, Unreached } from './rpc.ts';

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message?: string; readonly data?: unknown };
}

/**
 * JSON-RPC over HTTP. Not ethers' provider: it waits to batch, caches block numbers, polls on its own account and writes
 * to the console when it cannot connect.
 *
 * @param requestMs After this long without an answer a request counts as unanswered.
 */
export function httpRpc(url: string, requestMs: number): Rpc {
  const closing = new AbortController();
  let id = 0;

  async function post(method: string, params: readonly unknown[]): Promise<Answer> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(requestMs)]);
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
    const headers = { 'content-type': 'application/json' };
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      const text = await response.text();
      // Nodes answer some errors with a status of 400 or 500 and a JSON-RPC body; without a body it is a proxy's answer.
      return parsed(text) ?? fail(`HTTP status ${response.status}`);
    } catch (cause) {
      throw cause instanceof Unreached
        ? cause
        : new Unreached(`no answer from ${new URL(url).host}`, { cause });
    }
  }

  return {
    async request(method, params) {
      const { result, error } = await post(method, params);
      if (error === undefined) return result;
      throw new RpcError(method, error.message ?? 'no message', revertDataOf(error), error);
    },
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

function parsed(text: string): Answer | null {
  try {
    const answer = JSON.parse(text) as Answer | null;
    return answer !== null && ('result' in answer || 'error' in answer) ? answer : null;
  } catch {
    return null;
  }
}

function fail(message: string): never {
  throw new Unreached(message);
}
