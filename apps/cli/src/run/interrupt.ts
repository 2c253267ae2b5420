type Signal = 'SIGINT' | 'SIGTERM' | 'SIGTSTP' | 'uncaughtExceptionMonitor';

/** What signals come from: `process`, or what a test holds in its place. */
export interface Signals {
  on(signal: Signal, listener: () => void): unknown;
  off(signal: Signal, listener: () => void): unknown;
  /** Stops this process until it is told to continue. */
  suspend(): void;
  /** Ends this process at once, as Ctrl-C ends one that does not listen: the shell sees 130. */
  end(): void;
  /** Calls when whoever reads what is written has gone: `flobc run --json | head`. */
  onReaderGone(listener: () => void): void;
}

export interface Interrupted {
  /** Ctrl-C: end soon. */
  readonly first: () => void;
  /** And once more: now. */
  readonly again: () => void;
  /** Something else needs the terminal: the shell, or the stack of a bug. */
  readonly hide: () => void;
}

/** Listens to the terminal. Returns what takes the listeners away again, so that Ctrl-C is then what it is everywhere. */
export function onInterrupt(signals: Signals, { first, again, hide }: Interrupted): () => void {
  let isAsked = false;
  const stop = () => {
    const act = isAsked ? again : first;
    isAsked = true;
    act();
  };
  const suspend = () => {
    hide();
    signals.suspend();
  };
  const listeners: readonly (readonly [Signal, () => void])[] = [
    ['SIGINT', stop],
    ['SIGTERM', stop],
    ['SIGTSTP', suspend],
    ['uncaughtExceptionMonitor', hide],
  ];
  for (const [signal, listener] of listeners) signals.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) signals.off(signal, listener);
  };
}

/** The process itself. */
export const processSignals: Signals = {
  on: (signal, listener) => process.on(signal as 'SIGINT', listener),
  off: (signal, listener) => process.off(signal, listener),
  // SIGTSTP has been caught, so that it stops nothing by itself any more.
  suspend: () => process.kill(process.pid, 'SIGSTOP'),
  // Not process.exit: it takes threads down in the middle of their work, and native code aborts with a core dump.
  end: () => process.kill(process.pid, 'SIGINT'),
  onReaderGone: (listener) => {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      listener();
    });
  },
};
