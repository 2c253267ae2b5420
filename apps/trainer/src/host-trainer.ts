import { seatTrainer } from '#libs/hosted';
import { host, type HostedNode, type Membership } from '#libs/service';

export const hostTrainer = (membership: Membership): Promise<HostedNode> =>
  host(membership, 'trainer', seatTrainer);
