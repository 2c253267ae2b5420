import { existsSync, readFileSync } from 'node:fs';
import { linkNameOf } from '#libs/nats';
import { stringify } from 'yaml';
import { type Card, signs } from './card.ts';
import type { ConsortiumFile, ConsortiumFolder } from './consortium-folder.ts';
import { memberFiles } from './member.ts';
import { natsUsersOf } from './nats-users.ts';
import { writePublic, writeSecret } from './secret-file.ts';
import { redisPassword } from './servers.ts';

/**
 * Writes what every member has to know into its folder: `node.yaml` for a node, `control.yaml` for whoever only looks on or
 * acts by `flobc ctl`. Nothing in these is secret: they name the files that are.
 */
export function writeNodeFiles(folder: ConsortiumFolder, file: ConsortiumFile): void {
  const plan = folder.place(memberFiles.plan);
  for (const card of file.members) {
    if (existsSync(plan) && file.run !== null)
      writePublic(folder.member(card.name, memberFiles.plan), readFileSync(plan, 'utf8'));
    const redis = card.role === 'scheduler' ? redisPassword(folder) : null;
    if (redis !== null) writeSecret(folder.member(card.name, memberFiles.redisPassword), `${redis}\n`);
    const isNode = nodeRoles.has(card.role);
    const content = isNode ? nodeFile(card, file) : controlFile(card, file);
    writePublic(folder.member(card.name, isNode ? 'node.yaml' : 'control.yaml'), stringify(content));
  }
}

const nodeRoles: ReadonlySet<string> = new Set(['trainer', 'validator', 'scheduler']);

/** As `flobc node` reads it; paths are relative to it. */
function nodeFile(card: Card, file: ConsortiumFile): object {
  const { role, name } = card;
  const position = positionOf(card, file);
  return {
    ...{ role, name, folder: 'state' },
    ...(file.run && {
      run: { plan: memberFiles.plan, ...file.run, ...(role === 'scheduler' ? {} : { position }) },
    }),
    ...reaching(card, file),
    ...(role === 'scheduler' && {
      redis: { url: file.redisUrl, passwordFile: memberFiles.redisPassword },
    }),
  };
}

const controlFile = (card: Card, file: ConsortiumFile): object => ({
  ...(file.run && { run: file.run }),
  ...reaching(card, file),
});

function reaching(card: Card, { chain, nats }: ConsortiumFile): object {
  const { seed, authority, certificate, certificateKey, keystore } = memberFiles;
  return {
    chain,
    nats: {
      servers: nats.hosts.map((host) => `${host}:${nats.port}`),
      name: linkNameOf(natsUsersOf([card])[0]!),
      credentialsFile: seed,
      tls: { caFile: authority, certFile: certificate, keyFile: certificateKey },
    },
    ...(signs(card.role) && { key: { keystoreFile: keystore, passwordFile: 'key.password' } }),
  };
}

/** Its place in the run file: that of its role's members in the order in which they came. */
const positionOf = ({ role, name }: Card, { members }: ConsortiumFile): number =>
  members.filter((member) => member.role === role).findIndex((member) => member.name === name);
