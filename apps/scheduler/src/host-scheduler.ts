import { BullRoundJobs, queueNameOf } from '#libs/bullmq';
import { Follower, SchedulerNode } from '#libs/node';
import { connectionCheck } from '#libs/observe';
import type { HostedNode, Membership, Readiness } from '#libs/service';

/** A Scheduler: it keeps the deadlines, by a queue that it shares with the others, and has no vote. */
export async function hostScheduler(
  { secrets, signer, connections, world, log, metrics }: Membership,
  { checks }: Readiness,
): Promise<HostedNode> {
  const { run } = connections;
  const follower = new Follower(run, world);
  const jobs = await BullRoundJobs.open({
    // A Scheduler's file without one is refused.
    url: secrets.redisUrl!,
    run: queueNameOf(run.domain),
    onTrouble: (error) => {
      log.warn({ err: error }, 'the queue has trouble');
    },
    onLag: (_, lagMs) => {
      metrics.jobDone(lagMs);
    },
  });
  checks.push(connectionCheck('redis', () => jobs.isConnected));
  const node = new SchedulerNode(follower, world.ledger.as(signer), jobs);
  return {
    follower,
    start: () => {
      node.start();
    },
    async stop() {
      node.stop();
      follower.stop();
      await jobs.close();
    },
  };
}
