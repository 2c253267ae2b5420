import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpRpc } from './http.ts';
import { patient } from './patient.ts';
import { type Rpc, RpcError, Unreached } from './rpc.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A server that answers as it is told, on a port of its own. */
async function answering(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const saying = (text: string, status = 200) =>
  answering((_, response) => response.writeHead(status).end(text));

describe('JSON-RPC over HTTP', () => {
  it('gives the result, also when that is null', async () => {
    const rpc = httpRpc(await saying('{"jsonrpc":"2.0","id":1,"result":null}'), 1_000);
    expect(await rpc.request('eth_x', [])).toBeNull();
  });

  it.each([
    ['as Geth nests it', '{"error":{"code":3,"message":"no","data":"0x1234"}}', '0x1234'],
    [
      'as Hardhat nests it',
      '{"error":{"code":-32603,"message":"no","data":{"message":"no","data":"0x12"}}}',
      '0x12',
    ],
    ['none', '{"error":{"code":-32000,"message":"no"}}', null],
  ])('gives the node’s refusal with the revert data, %s', async (_, text, revertData) => {
    const rpc = httpRpc(await saying(text, 400), 1_000);
    await expect(rpc.request('eth_x', [])).rejects.toMatchObject({
      name: 'RpcError',
      message: 'no',
      revertData,
    });
  });

  it.each([
    ['a gateway’s page', '<html>bad gateway</html>', 502],
    ['nothing', '', 200],
    ['JSON that is no answer', '{"hello":1}', 200],
    ['null', 'null', 200],
  ])('counts %s as no answer', async (_, text, status) => {
    const rpc = httpRpc(await saying(text, status), 1_000);
    await expect(rpc.request('eth_x', [])).rejects.toBeInstanceOf(Unreached);
  });

  it('counts a node that says nothing as no answer', async () => {
    const rpc = httpRpc(await answering(() => undefined), 20);
    await expect(rpc.request('eth_x', [])).rejects.toBeInstanceOf(Unreached);
  });

  it('asks once more where a connection that was kept has just been ended', async () => {
    const sockets = new Set<unknown>();
    const url = await answering((request, response) => {
      // Each connection answers once, and ends at the next request.
      if (sockets.has(request.socket)) request.socket.resetAndDestroy();
      else response.end(`{"result":"of connection ${sockets.add(request.socket).size}"}`);
    });
    const rpc = httpRpc(url, 60_000);
    expect(await rpc.request('eth_x', [])).toBe('of connection 1');
    expect(await rpc.request('eth_x', [])).toBe('of connection 2');
    await rpc.close();
  });

  it('lets go of what is under way when it is closed', async () => {
    const { promise: reached, resolve: arrived } = Promise.withResolvers<null>();
    const url = await answering(() => {
      arrived(null);
    });
    const rpc = httpRpc(url, 60_000);
    const asked = rpc.request('eth_x', []).catch((error: unknown) => error);
    await reached;
    await rpc.close();
    expect(await asked).toBeInstanceOf(Unreached);
    await expect(rpc.request('eth_x', [])).rejects.toBeInstanceOf(Unreached);
  });
});

/** Fails as often as it is told, then answers. */
function failing(times: number, error: Error): Rpc & { asked: number } {
  return {
    asked: 0,
    request() {
      return this.asked++ < times ? Promise.reject(error) : Promise.resolve('answer');
    },
    close: () => Promise.resolve(),
  };
}

describe('patience', () => {
  const silence = new Unreached('connection refused');

  it('asks again until there is an answer', async () => {
    const rpc = failing(5, silence);
    expect(await patient(rpc, { patienceMs: 60_000, retryMs: 0 }).request('eth_x', [])).toBe('answer');
    expect(rpc.asked).toBe(6);
  });

  it('ends with a fault that names the request', async () => {
    const asked = patient(failing(Infinity, silence), { patienceMs: 0, retryMs: 0 }).request('eth_x', []);
    await expect(asked).rejects.toMatchObject({
      code: 'CHAIN_UNREACHABLE',
      facts: { method: 'eth_x' },
      cause: silence,
    });
  });

  it('does not ask again once it is closed', async () => {
    const rpc = failing(Infinity, silence);
    const asker = patient(rpc, { patienceMs: 60_000, retryMs: 0 });
    await asker.close();
    await expect(asker.request('eth_x', [])).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    expect(rpc.asked).toBe(1);
  });

  it('does not ask again what the node has refused', async () => {
    const refusal = new RpcError('eth_x', 'no', null);
    const rpc = failing(1, refusal);
    await expect(patient(rpc, { patienceMs: 60_000, retryMs: 0 }).request('eth_x', [])).rejects.toBe(refusal);
    expect(rpc.asked).toBe(1);
  });
});
