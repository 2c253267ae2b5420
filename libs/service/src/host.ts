import { join } from 'node:path';
import { FileJournal, groundOfNode, RealDevice, type Seated, type Standing } from '#libs/hosted';
import { measuredWorkshop } from '#libs/observe';
import type { Membership } from './membership.ts';
import type { HostedNode } from './seat.ts';

/** Hosts a Trainer or a Validator on this machine: with its data, a journal and a device of its own. */
export async function host(
  { config, plan, signer, connections, world, metrics }: Membership,
  role: 'trainer' | 'validator',
  seat: (standing: Standing) => Seated,
): Promise<HostedNode> {
  const { folder, workers, data } = config;
  const { position, source } = config.run;
  const ground = await groundOfNode(plan, { role, position }, { folder: source.folder, workers, own: data });
  const journal = await FileJournal.open(join(folder, 'journal'));
  const { run } = connections;
  const device = measuredWorkshop(new RealDevice(), metrics);
  const { follower, node } = seat({ plan, run, world, signer, position, journal, device, ...ground });
  return {
    follower,
    start: () => {
      node.start();
    },
    async stop() {
      node.stop();
      follower.stop();
      // A training that is left now is done again: nothing of it has been promised.
      await ground.workplace.learner.close();
      await journal.close();
    },
  };
}
