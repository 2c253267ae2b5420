/** Ends a timer or a subscription; calling it again does nothing. */
export type Cancel = () => void;

/** A node's time. Real in the hosted engines; a queue ordered by (instant, sequence) in the simulator. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls back once, at the instant or as soon after it as can be; never before this call has returned. */
  at(instantMs: number, call: () => void): Cancel;
}
