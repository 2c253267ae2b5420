/** What signals come from: `process`, or an emitter that a test holds in its place. */
export interface Signals {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Ctrl-C asks for a clean end, and a second one does not wait for it. Returns what takes the listeners away again, so that
 * Ctrl-C is then what it is everywhere.
 */
export function onInterrupt(
  signals: Signals,
  { first, again }: { first: () => void; again: () => void },
): () => void {
  let isAsked = false;
  const listener = () => {
    if (isAsked) again();
    else first();
    isAsked = true;
  };
  signals.on('SIGINT', listener);
  signals.on('SIGTERM', listener);
  return () => {
    signals.off('SIGINT', listener);
    signals.off('SIGTERM', listener);
  };
}
