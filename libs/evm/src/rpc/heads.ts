import type { Block } from '#libs/ports';
import { blockOf, type RawBlock } from './node.ts';

/** Between attempts to reach a node that has gone away. */
const againMs = 500;

/**
 * Calls with each new block that a node tells of, by `eth_subscribe` over WebSocket, and with null where there may be new
 * ones. Where there is no answer it tries again and again: whoever polls besides only hears of blocks later. Returns what ends it.
 */
export function onHeads(url: string, call: (head: Block | null) => void): () => void {
  let isOver = false;
  let socket: WebSocket | null = null;
  let timer: NodeJS.Timeout | null = null;

  const connect = (): void => {
    timer = null;
    const opened = new WebSocket(url);
    socket = opened;
    opened.addEventListener('open', () => {
      opened.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
      call(null); // what was missed since the last connection
    });
    opened.addEventListener('message', ({ data }) => {
      call(headIn(data));
    });
    opened.addEventListener('close', again);
    // Every error is followed by a close.
    opened.addEventListener('error', () => undefined);
  };
  const again = (): void => {
    if (isOver || timer !== null) return;
    timer = setTimeout(connect, againMs);
    timer.unref();
  };

  connect();
  return () => {
    isOver = true;
    if (timer !== null) clearTimeout(timer);
    socket?.close();
  };
}

/** The block that a message tells of; null if it is another message, such as the answer to the subscription. */
function headIn(data: unknown): Block | null {
  const message = JSON.parse(String(data)) as { readonly params?: { readonly result?: RawBlock } };
  return blockOf(message.params?.result ?? null);
}
