import { seatValidator } from '#libs/hosted';
import { host, type HostedNode, type Membership } from '#libs/service';
import { castOf } from '#libs/simulation';

export const hostValidator = (membership: Membership): Promise<HostedNode> =>
  host(membership, 'validator', (standing) => {
    const trainers = castOf(membership.plan, standing.workplace.random).filter(
      ({ role }) => role === 'trainer',
    );
    return seatValidator(
      standing,
      trainers.map(({ id }) => id),
    );
  });
