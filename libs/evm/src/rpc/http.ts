import * as http from 'node:http';
import * as https from 'node:https';
import { text } from 'node:stream/consumers';
import { revertDataOf, type Rpc, RpcError, Unreached } from './rpc.ts';

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message?: string; readonly data?: unknown };
}

/**
 * JSON-RPC over HTTP. Not ethers' provider: it waits to batch, caches block numbers, polls on its own account and writes
 * to the console when it cannot connect. Not `fetch`: a request takes it more than twice the CPU (docs/adr/0086).
 *
 * @param requestMs After this long without an answer a request counts as unanswered.
 */
export function httpRpc(url: string, requestMs: number): Rpc {
  const place = new URL(url);
  const { request: open, Agent } = place.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true });
  const underWay = new Set<http.ClientRequest>();
  let isClosed = false;
  let id = 0;

  function post(body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (isClosed) throw new Error('it is closed');
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const request = open(place, { method: 'POST', headers, agent });
      const timer = setTimeout(() => request.destroy(new Error(`none for ${requestMs} ms`)), requestMs);
      underWay.add(request);
      request.once('close', () => {
        clearTimeout(timer);
        underWay.delete(request);
      });
      request.once('error', (error: NodeJS.ErrnoException) => {
        // The server has ended a connection that it had kept, at the moment when it was used once more.
        if (request.reusedSocket && error.code === 'ECONNRESET') resolve(post(body));
        else reject(error);
      });
      request.once('response', (response) => {
        // Nodes answer some errors with a status of 400 or 500 and a JSON-RPC body; without a body it is a proxy's answer.
        const answer = text(response).then(
          (said) => parsed(said) ?? Promise.reject(new Error(`HTTP status ${response.statusCode}`)),
        );
        resolve(answer);
      });
      request.end(body);
    });
  }

  return {
    async request(method, params) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
      const { result, error } = await post(body).catch((cause: unknown) => {
        throw new Unreached(`no answer from ${place.host}`, { cause });
      });
      if (error === undefined) return result;
      throw new RpcError(method, error.message ?? 'no message', revertDataOf(error), error);
    },
    close() {
      isClosed = true;
      for (const request of underWay) request.destroy(new Error('it is closed'));
      agent.destroy();
      return Promise.resolve();
    },
  };
}

function parsed(said: string): Answer | null {
  try {
    const answer = JSON.parse(said) as Answer | null;
    return answer !== null && ('result' in answer || 'error' in answer) ? answer : null;
  } catch {
    return null;
  }
}
