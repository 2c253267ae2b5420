import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePorts, type Nats } from '#libs/testkit';
import { subjectOf } from '#libs/wire';
import { NatsBlobs } from './blobs.ts';
import { NatsBus } from './bus.ts';
import { streamOf } from './names.ts';
import { prepareRun } from './prepare-run.ts';
import { actorOf, bytesOf, Ear, runOf, scene, textOf } from './scene.fixture.ts';
import { createAuthority, issueCertificate } from './security/authority.ts';
import { createNKey } from './security/nkey.ts';
import type { NatsUser } from './security/permissions.ts';
import { serverConfig } from './security/server-config.ts';

const { server, link } = scene();
const folder = mkdtempSync(join(tmpdir(), 'flobc-cluster-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a cluster of three, by TLS: one of them may go, and nothing is lost', async () => {
  const authority = await createAuthority('Test consortium');
  const ports = await freePorts(3);
  const keys = { operator: createNKey(), trainer: createNKey(), observer: createNKey() };
  const trainer = actorOf('trainer');
  const users: NatsUser[] = [
    { role: 'operator', name: 'operator', publicKey: keys.operator.publicKey },
    { role: 'trainer', address: trainer, publicKey: keys.trainer.publicKey },
    { role: 'observer', name: 'observer', publicKey: keys.observer.publicKey },
  ];
  const place = (name: string): string => join(folder, name);
  writeFileSync(place('ca.pem'), authority.cert);
  const start = async (port: number, i: number): Promise<Nats> => {
    const { cert, key } = await issueCertificate(authority, { name: `nats-${i}`, hosts: ['127.0.0.1'] });
    writeFileSync(place(`${i}.cert.pem`), cert);
    writeFileSync(place(`${i}.key.pem`), key);
    const tls = { certFile: place(`${i}.cert.pem`), keyFile: place(`${i}.key.pem`), caFile: place('ca.pem') };
    const routes = ports.map((one) => `127.0.0.1:${one}`);
    const cluster = { name: 'consortium', host: '127.0.0.1', port, routes };
    return server({
      name: `nats-${i}`,
      conf: (at) => serverConfig({ ...at, host: '127.0.0.1', users, tls, cluster }),
    });
  };
  const servers = await Promise.all(ports.map(start));
  const urls = servers.map(({ url }) => url);
  const open = (name: string, credentials: string) =>
    link(urls, { name, credentials, tls: { ca: authority.cert } });
  const operator = await open('operator', keys.operator.seed);
  const node = await open(trainer, keys.trainer.seed);
  const observer = await open('observer', keys.observer.seed);

  const run = runOf('a run');
  await prepareRun(operator, { run, trainers: [trainer], replicas: 3 });
  const bus = await NatsBus.open(observer, { run, replay: 'all' });
  const heard = new Ear();
  bus.subscribe('flobc.', ({ bytes }) => {
    heard.hear(textOf(bytes));
  });
  const speaker = await NatsBus.open(node, { run });
  const subject = subjectOf({ run, kind: 'receipt', sender: trainer });
  const what = { kind: 'update', by: trainer } as const;
  const object = new Uint8Array(300_000).fill(7);
  await speaker.publish(subject, bytesOf('0'));
  await heard.has(1);

  // The one that leads the stream, which is also the worst one to lose.
  const leader = (await operator.manager.streams.info(streamOf(run))).cluster!.leader;
  const lost = servers[Number(leader!.split('-')[1])]!;
  await lost.kill();
  const [digest] = await Promise.all([
    new NatsBlobs(node).put(object, what),
    ...['1', '2', '3'].map((text) => speaker.publish(subject, bytesOf(text))),
  ]);
  await heard.has(4);
  expect((await new NatsBlobs(observer).get(digest, object.length, what))?.length).toBe(object.length);

  await lost.restart();
  await speaker.publish(subject, bytesOf('4'));
  await heard.has(5);
  expect([...heard.heard].sort()).toEqual(['0', '1', '2', '3', '4']);
});
