import { join } from 'node:path';
import { createNKey } from '#libs/nats';
import { createPrivateKey, openSigner, sealKey } from '#libs/wire';
import { type Card, type MemberRole, signs } from './card.ts';
import { requireFree, writePublic, writeSecret } from './secret-file.ts';

/** Files of a member's folder; nobody else has what is secret in them. */
export const memberFiles = {
  card: 'member.json',
  keystore: 'key.json',
  seed: 'nats.nk',
  authority: 'ca.pem',
  certificate: 'node.pem',
  certificateKey: 'node.key',
  redisPassword: 'redis.password',
  plan: 'plan.json',
} as const;

/**
 * Makes the keys of one member, in a folder of its own, and says what others may know of them.
 *
 * @param password Of the keystore, where the role has one.
 * @throws Fault CONSORTIUM_INVALID if there are keys in the folder already
 */
export async function createMember(
  folder: string,
  { role, name }: { readonly role: MemberRole; readonly name: string },
  password: string,
): Promise<Card> {
  requireFree(join(folder, memberFiles.card));
  const { seed, publicKey } = createNKey();
  writeSecret(join(folder, memberFiles.seed), `${seed}\n`);
  const address = signs(role) ? await createKeystore(join(folder, memberFiles.keystore), password) : null;
  const card: Card = { format: 'flobc.member', version: 1, role, name, address, nkey: publicKey };
  writePublic(join(folder, memberFiles.card), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}

async function createKeystore(path: string, password: string): Promise<NonNullable<Card['address']>> {
  const key = createPrivateKey();
  writeSecret(path, `${await sealKey(key, password)}\n`);
  return openSigner(key).address;
}
