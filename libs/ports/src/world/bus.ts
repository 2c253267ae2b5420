import type { Cancel } from './clock.ts';

export interface Delivery {
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/**
 * Carries the messages of a run to everybody, its sender included. A message may come late, twice, in another order, or
 * never; it comes as it was sent.
 */
export interface Bus {
  /** Resolves when the bus has the message; whoever is cut off keeps it and sends it later. @throws Fault BUS_UNREACHABLE */
  publish(subject: string, bytes: Uint8Array): Promise<void>;
  /** Every message under a subject that begins with the prefix, from now on. */
  subscribe(prefix: string, deliver: (delivery: Delivery) => void): Cancel;
}
