/** Between attempts to reach a node that has gone away. */
const againMs = 500;

/**
 * Calls whenever a node says that it has a new block, by `eth_subscribe` over WebSocket. Where there is no answer it tries
 * again and again: whoever polls besides only hears of blocks later. Returns what ends it.
 */
export function onHeads(url: string, call: () => void): () => void {
  let isOver = false;
  let socket: WebSocket | null = null;
  let timer: NodeJS.Timeout | null = null;

  const connect = (): void => {
    timer = null;
    const opened = new WebSocket(url);
    socket = opened;
    opened.addEventListener('open', () => {
      opened.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
      call(); // what was missed since the last connection
    });
    opened.addEventListener('message', call);
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
