import { Follower, SchedulerNode } from '#libs/node';
import type { HostedNode, Membership } from '#libs/service';

/** A Scheduler: it keeps the deadlines and has no vote. */
export function hostScheduler({ signer, connections, world }: Membership): HostedNode {
  const follower = new Follower(connections.run, world);
  const node = new SchedulerNode(follower, world.ledger.as(signer));
  return {
    follower,
    start: () => {
      node.start();
    },
    stop() {
      node.stop();
      follower.stop();
      return Promise.resolve();
    },
  };
}
