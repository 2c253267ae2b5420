import { join } from 'node:path';
import { FileJournal, groundOfNode, RealDevice, type Seated, type Standing } from '#libs/hosted';
import type { Membership } from './membership.ts';
import type { HostedNode } from './seat.ts';

/** Hosts a Trainer or a Validator on this machine: with its part of the data, a journal and a device of its own. */
export async function host(
  { file, plan, signer, connections, world }: Membership,
  role: 'trainer' | 'validator',
  seat: (standing: Standing) => Seated,
): Promise<HostedNode> {
  const { position, folder, workers } = file;
  const ground = await groundOfNode(plan, { role, position }, file.plan.folder, workers);
  const journal = await FileJournal.open(join(folder, 'journal'));
  const { run } = connections;
  const device = new RealDevice();
  const { follower, node } = seat({ plan, run, world, signer, position, journal, device, ...ground });
  return {
    follower,
    start: () => {
      node.start();
    },
    async stop() {
      node.stop();
      follower.stop();
      await journal.close();
      await ground.workplace.learner.close();
    },
  };
}
