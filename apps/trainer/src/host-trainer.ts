import { join } from 'node:path';
import { FileJournal, groundOfNode, RealDevice, seatTrainer } from '#libs/hosted';
import type { HostedNode, Membership } from '#libs/service';

/** A Trainer on this machine: its part of the data, its journal, its device. */
export async function hostTrainer({
  file,
  plan,
  signer,
  connections,
  world,
}: Membership): Promise<HostedNode> {
  const { position, folder, workers } = file;
  const place = { role: 'trainer', position } as const;
  const { workplace, initial, close } = await groundOfNode(plan, place, {
    folder: file.plan.folder,
    workers,
  });
  const journal = await FileJournal.open(join(folder, 'journal'));
  const { run } = connections;
  const device = new RealDevice();
  const standing = { plan, run, world, signer, position, workplace, initial, journal, device };
  const { follower, node } = seatTrainer(standing);
  return {
    follower,
    start: () => {
      node.start();
    },
    async stop() {
      node.stop();
      follower.stop();
      await journal.close();
      await close();
    },
  };
}
