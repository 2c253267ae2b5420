import { join } from 'node:path';
import { FileJournal, groundOfNode, RealDevice, seatValidator } from '#libs/hosted';
import type { HostedNode, Membership } from '#libs/service';
import { castOf } from '#libs/simulation';

/** A Validator on this machine: its hold-out, its journal, its device. */
export async function hostValidator({
  file,
  plan,
  signer,
  connections,
  world,
}: Membership): Promise<HostedNode> {
  const { position, folder, workers } = file;
  const place = { role: 'validator', position } as const;
  const { workplace, initial, close } = await groundOfNode(plan, place, {
    folder: file.plan.folder,
    workers,
  });
  const journal = await FileJournal.open(join(folder, 'journal'));
  const { run } = connections;
  const device = new RealDevice();
  const standing = { plan, run, world, signer, position, workplace, initial, journal, device };
  const trainers = castOf(plan, workplace.random).filter(({ role }) => role === 'trainer');
  const { follower, node } = seatValidator(
    standing,
    trainers.map(({ id }) => id),
  );
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
