import { BullRoundJobs } from '#libs/bullmq';
import { Follower, SchedulerNode } from '#libs/node';
import type { HostedNode, Membership } from '#libs/service';

/** A Scheduler: it keeps the deadlines, by a queue that it shares with the others, and has no vote. */
export async function hostScheduler({
  file,
  signer,
  connections,
  world,
  log,
}: Membership): Promise<HostedNode> {
  const { run } = connections;
  const follower = new Follower(run, world);
  const jobs = await BullRoundJobs.open({
    url: file.redis.url,
    run: run.domain.run,
    onTrouble: (error) => {
      log.warn({ err: error }, 'the queue has trouble');
    },
  });
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
