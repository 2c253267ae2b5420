import type { Running } from '../processes.ts';

/** A server that the network has started itself. */
export interface Started {
  readonly process: Running;
  /** So that it can be found there again. */
  readonly port: number;
}

export const portOf = (url: string): number => Number(new URL(url).port);
