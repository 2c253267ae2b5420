import type { Cancel, Clock } from '#libs/ports';

/** setTimeout counts in 32 bits; what is later waits in steps. */
const longestMs = 2 ** 31 - 1;

/** The machine's time. A timer keeps no process alive. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  at(instantMs, call): Cancel {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = Math.max(0, instantMs - Date.now());
      // A timer may be a millisecond early: look at the clock before calling.
      timer = setTimeout(leftMs > 0 ? wait : call, Math.min(leftMs, longestMs));
    };
    wait();
    return () => {
      clearTimeout(timer);
    };
  },
};
