import { cpSync } from 'node:fs';
import { Fault } from '#libs/fault';
import type { Card, MemberRole } from './card.ts';
import { certifyMember, foundAuthority } from './certificates.ts';
import { type ConsortiumFile, ConsortiumFolder } from './consortium-folder.ts';
import { createMember } from './member.ts';
import { writeNodeFiles } from './node-files.ts';
import { equipServers, writeNatsConfigs } from './servers.ts';
import { requireFree } from './secret-file.ts';

export interface ConsortiumOptions extends Pick<ConsortiumFile, 'nats' | 'redisUrl' | 'chain'> {
  readonly trainers: number;
  readonly validators: number;
  readonly schedulers: number;
  /** Of all keystores; whoever gets one gives it another. */
  readonly password: string;
}

/**
 * Founds a consortium in a new folder: an authority, servers with their configuration, and every member's keys.
 *
 * @throws Fault CONSORTIUM_INVALID if there is one in the folder already
 */
export async function createConsortium(path: string, options: ConsortiumOptions): Promise<ConsortiumFile> {
  const folder = new ConsortiumFolder(path);
  requireFree(folder.file);
  const { nats, redisUrl, chain, password } = options;
  await foundAuthority(folder);
  const members: Card[] = [];
  for (const member of castOf(options)) {
    members.push(await createMember(folder.member(member.name), member, password));
    await certifyMember(folder, member.name);
  }
  const file: ConsortiumFile = {
    ...{ format: 'flobc.consortium', version: 1 },
    ...{ nats, redisUrl, chain, members, dismissed: [], run: null },
  };
  await equipServers(folder, file);
  writeNodeFiles(folder, file);
  // Last: a consortium that is half made is none.
  folder.write(file);
  return file;
}

function castOf({ trainers, validators, schedulers }: ConsortiumOptions) {
  const several = (role: MemberRole, count: number) =>
    Array.from({ length: count }, (_, i) => ({ role, name: `${role}-${i}` }));
  const others = (['sponsor', 'operator', 'observer'] as const).map((role) => ({ role, name: role }));
  return [
    ...several('trainer', trainers),
    ...several('validator', validators),
    ...several('scheduler', schedulers),
    ...others,
  ];
}

/**
 * Takes in a member that has made its own keys (`flobc keys new`), by its card: the servers will know it, and its folder holds
 * what it is to be sent. It holds no key of the member's, which nobody else has ever had.
 *
 * @throws Fault CONSORTIUM_INVALID if there is somebody of that name, address or key
 */
export async function admit(folder: ConsortiumFolder, card: Card, cardFile: string): Promise<void> {
  const file = folder.read();
  const other = file.members.find(
    ({ name, nkey, address }) =>
      name === card.name || nkey === card.nkey || (address !== null && address === card.address),
  );
  if (other !== undefined) throw taken(card, other);
  const grown = { ...file, members: [...file.members, card] };
  await certifyMember(folder, card.name);
  cpSync(cardFile, folder.member(card.name, 'member.json'));
  folder.write(grown);
  writeNatsConfigs(folder, grown);
  writeNodeFiles(folder, grown);
}

/** The servers let a member in no more once they have read their configuration again. @throws Fault CONSORTIUM_INVALID */
export function dismiss(folder: ConsortiumFolder, name: string): void {
  const file = folder.read();
  if (!file.members.some((member) => member.name === name)) throw noMember(folder, name);
  const smaller = { ...file, dismissed: [...new Set([...file.dismissed, name])] };
  folder.write(smaller);
  writeNatsConfigs(folder, smaller);
}

const noMember = ({ path }: ConsortiumFolder, name: string): Fault =>
  new Fault('CONSORTIUM_INVALID', `${path} has no member ${name}.`, {
    facts: { name },
    hint: 'flobc keys show lists the members.',
  });

const taken = (card: Card, other: Card): Fault =>
  new Fault('CONSORTIUM_INVALID', `${card.name} has the name or a key of ${other.name}, who is a member.`, {
    facts: { name: card.name, member: other.name },
    hint: 'Every member has a name and keys of its own: make new ones with flobc keys new --name.',
  });
