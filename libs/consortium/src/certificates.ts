import { readFileSync } from 'node:fs';
import { type Authority, type CertificateOptions, createAuthority, issueCertificate } from '#libs/nats';
import type { ConsortiumFolder } from './consortium-folder.ts';
import { memberFiles } from './member.ts';
import { writePublic, writeSecret } from './secret-file.ts';

const place = { cert: ['authority', 'ca.pem'], key: ['authority', 'ca.key'] } as const;

/** Makes the consortium's own authority, whose key stays with the founder. */
export async function foundAuthority(folder: ConsortiumFolder): Promise<void> {
  const { cert, key } = await createAuthority('FLoBC consortium');
  writePublic(folder.place(...place.cert), cert);
  writeSecret(folder.place(...place.key), key);
}

const authorityOf = (folder: ConsortiumFolder): Authority => ({
  cert: readFileSync(folder.place(...place.cert), 'utf8'),
  key: readFileSync(folder.place(...place.key), 'utf8'),
});

/** The certificate of a NATS server, for the host that nodes know it by, beside what it is checked against. */
export async function certifyServer(
  folder: ConsortiumFolder,
  name: string,
  host: string,
  days?: number,
): Promise<void> {
  const hosts = [...new Set([host, ...(isLoopback(host) ? ['localhost', '127.0.0.1', '::1'] : [])])];
  const [cert, key] = [folder.server(name, 'server.pem'), folder.server(name, 'server.key')];
  await certify(folder, { name, hosts, ...(days && { days }) }, cert, key);
  writePublic(folder.server(name, memberFiles.authority), authorityOf(folder).cert);
}

/** The certificate of a member: the servers let nobody in without one. Who it is its NKey says. */
export async function certifyMember(folder: ConsortiumFolder, name: string, days?: number): Promise<void> {
  const { certificate, certificateKey, authority } = memberFiles;
  const [cert, key] = [folder.member(name, certificate), folder.member(name, certificateKey)];
  await certify(folder, { name, ...(days && { days }) }, cert, key);
  writePublic(folder.member(name, authority), authorityOf(folder).cert);
}

async function certify(
  folder: ConsortiumFolder,
  options: CertificateOptions,
  certFile: string,
  keyFile: string,
): Promise<void> {
  const { cert, key } = await issueCertificate(authorityOf(folder), options);
  writePublic(certFile, cert);
  writeSecret(keyFile, key);
}

/**
 * New certificates from the same authority, for the servers and members that are named, or for all.
 *
 * @param days How long they are good for; a year by default.
 * @returns Whose were renewed; those who were named and are not there are not among them.
 */
export async function renewCertificates(
  folder: ConsortiumFolder,
  names: readonly string[],
  days?: number,
): Promise<string[]> {
  const { nats, members } = folder.read();
  const isMeant = (name: string): boolean => names.length === 0 || names.includes(name);
  const renewed: string[] = [];
  for (const [i, host] of nats.hosts.entries()) {
    const name = serverName(i);
    if (!isMeant(name)) continue;
    await certifyServer(folder, name, host, days);
    renewed.push(name);
  }
  for (const { name } of members.filter((member) => isMeant(member.name))) {
    await certifyMember(folder, name, days);
    renewed.push(name);
  }
  return renewed;
}

export const serverName = (position: number): string => `nats-${position}`;

export const isLoopback = (host: string): boolean => ['localhost', '127.0.0.1', '::1'].includes(host);
