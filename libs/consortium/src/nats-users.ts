import type { NatsUser } from '#libs/nats';
import type { Card } from './card.ts';

/** Members as the NATS servers know them. A Sponsor acts on the chain; on the servers it looks on. */
export const natsUsersOf = (members: readonly Card[]): NatsUser[] => members.map(userOf);

function userOf({ role, name, address, nkey: publicKey }: Card): NatsUser {
  switch (role) {
    case 'trainer':
    case 'validator':
      return { role, address: address!, publicKey };
    case 'scheduler':
    case 'operator':
    case 'observer':
      return { role, name, publicKey };
    case 'sponsor':
      return { role: 'observer', name, publicKey };
  }
}
