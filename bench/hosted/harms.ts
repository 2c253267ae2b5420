import type { LinkOptions } from '#libs/nats';
import type { ActorId, Digest } from '#libs/protocol';

/** What a client does that means harm. */
export const harms = ['junk', 'flood', 'forged', 'forAnother', 'replay'] as const;
export type Harm = (typeof harms)[number];

export interface HostileConfig {
  readonly harm: Harm;
  readonly link: LinkOptions;
  readonly run: Digest;
  readonly chainId: string;
  readonly ledger: ActorId;
  readonly number: string;
  /** Whose credentials it has, with its key, and somebody else. */
  readonly me: ActorId;
  readonly key: string;
  readonly other: ActorId;
}

/** What came of it, as the client saw it. */
export interface Harmed {
  readonly sent: number;
}
