import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LinkOptions, NatsBlobs, type NatsLink, openNats, prepareRun } from '#libs/nats';
import { type Nats, startNats } from '#libs/testkit';
import { openSigner, readKeystore } from '#libs/wire';
import { readCard } from './card.ts';
import { renewCertificates } from './certificates.ts';
import { type ConsortiumFile, ConsortiumFolder } from './consortium-folder.ts';
import { linkOptionsOf, readControlFile } from './control-file.ts';
import { admit, createConsortium, dismiss } from './create.ts';
import { createMember } from './member.ts';

const password = 'correct horse battery';
const base = mkdtempSync(join(tmpdir(), 'flobc-consortium-'));
const folder = new ConsortiumFolder(join(base, 'ours'));
let file: ConsortiumFile;
let nats: Nats;
const links: NatsLink[] = [];

/** The configuration that was written, but for its ports: a test has free ones. */
const serverText = (port = nats.port): string =>
  readFileSync(folder.server('nats-0', 'nats.conf'), 'utf8')
    .replace('port: 4222', `port: ${port}`)
    .replace('127.0.0.1:8222', '127.0.0.1:-1');

/** As a member logs in with what is in its folder, and what of it is different. */
function optionsOf(name: string, changes: Partial<LinkOptions> = {}): LinkOptions {
  const role = readCard(folder.member(name, 'member.json')).role;
  const isNode = ['trainer', 'validator', 'scheduler'].includes(role);
  const { nats: bus } = readControlFile(folder.member(name, isNode ? 'node.yaml' : 'control.yaml'));
  return { ...linkOptionsOf(bus!), servers: [`localhost:${nats.port}`], patienceMs: 0, ...changes };
}

async function open(name: string, changes: Partial<LinkOptions> = {}): Promise<NatsLink> {
  const link = await openNats(optionsOf(name, changes));
  links.push(link);
  return link;
}

const without = (options: LinkOptions, key: keyof LinkOptions): LinkOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => name !== key)) as unknown as LinkOptions;

beforeAll(async () => {
  file = await createConsortium(folder.path, {
    ...{ trainers: 2, validators: 1, schedulers: 1, password },
    nats: { hosts: ['localhost'], port: 4222, clusterPort: 6222, monitorPort: 8222 },
    redisUrl: 'redis://localhost:6379',
    chain: { url: 'http://localhost:8545' },
  });
  nats = await startNats({ conf: () => serverText(-1), cwd: folder.server('nats-0') });
});
afterAll(async () => {
  for (const link of links) await link.close();
  await nats.close();
  rmSync(base, { recursive: true });
});

const filesIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('what is written', () => {
  test('a secret is in one place only: that of whoever it belongs to', () => {
    const all = filesIn(folder.path).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    const secrets = all.filter(({ path }) => /(nats\.nk|\.key|key\.json|redis\.password)$/.test(path));
    expect(secrets.length).toBeGreaterThan(20);
    for (const { path, text } of secrets) {
      const holders = all.filter((other) => other.text.includes(text.trim())).map((other) => other.path);
      const own = relative(folder.path, path);
      if (own.endsWith('redis.password'))
        expect(holders.map((holder) => relative(folder.path, holder)).sort()).toEqual([
          'members/scheduler-0/redis.password',
          'servers/redis/redis.conf',
          'servers/redis/redis.password',
        ]);
      else expect(holders).toEqual([path]);
    }
    expect(all.some(({ text }) => text.includes(password))).toBe(false);
  });

  test('only the owner may read what is secret', () => {
    const open = filesIn(folder.path).filter((path) => (statSync(path).mode & 0o077) !== 0);
    expect(open.filter((path) => /(\.nk|\.key|key\.json|password|\.conf)$/.test(path))).toEqual([]);
  });

  test("a keystore opens with its password, to the key of the address on the member's card", async () => {
    const keystore = readFileSync(folder.member('trainer-1', 'key.json'), 'utf8');
    const { address } = openSigner(await readKeystore(keystore, password));
    expect(address).toBe(file.members.find(({ name }) => name === 'trainer-1')?.address);
    await expect(readKeystore(keystore, 'another one')).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  test('what is there is not written over', async () => {
    const refused = { code: 'CONSORTIUM_INVALID' };
    await expect(createMember(folder.member('trainer-0'), file.members[0]!, password)).rejects.toMatchObject(
      refused,
    );
    const again = { ...file, trainers: 1, validators: 1, schedulers: 1, password };
    await expect(createConsortium(folder.path, again)).rejects.toMatchObject(refused);
  });
});

describe('the servers', () => {
  test('let every member in with what is in its folder, each to do what is its own', async () => {
    const run = `0x${'ab'.repeat(32)}` as const;
    const trainers = file.members.flatMap(({ role, address }) => (role === 'trainer' ? [address!] : []));
    await prepareRun(await open('operator'), { run, trainers });
    const update = new Uint8Array([1, 2, 3]);
    const mine = { kind: 'update', by: trainers[0]! } as const;
    const digest = await new NatsBlobs(await open('trainer-0')).put(update, mine);
    expect(await new NatsBlobs(await open('validator-0')).get(digest, 100, mine)).toEqual(update);
    await expect(new NatsBlobs(await open('trainer-1')).get(digest, 100, mine)).rejects.toMatchObject({
      code: 'BLOBS_REFUSED',
    });
    for (const name of ['scheduler-0', 'sponsor', 'observer'])
      expect((await open(name)).state).toBe('connected');
  });

  test.each<[string, (options: LinkOptions) => LinkOptions]>([
    ['credentials', (options) => without(options, 'credentials')],
    ['TLS', (options) => without(options, 'tls')],
    ['a certificate of its own', (options) => ({ ...options, tls: { ca: options.tls!.ca } })],
  ])('let nobody in without %s', async (_, changed) => {
    await expect(openNats(changed(optionsOf('trainer-0')))).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  });

  test('let nobody in whose certificate is of another authority, and are not believed with one', async () => {
    const other = new ConsortiumFolder(join(base, 'theirs'));
    await createConsortium(other.path, { ...file, trainers: 0, validators: 0, schedulers: 0, password });
    const text = (name: string): string => readFileSync(other.member('observer', name), 'utf8');
    const { tls } = optionsOf('observer');
    const strange = { cert: text('node.pem'), key: text('node.key') };
    await expect(open('observer', { tls: { ...tls!, ...strange } })).rejects.toMatchObject({
      code: 'BUS_REFUSED',
    });
    const elsewhere = { ...tls!, ca: text('ca.pem') };
    await expect(open('observer', { tls: elsewhere })).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  });

  test('know a member that is admitted once they have read their configuration again', async () => {
    const own = join(base, 'newcomer');
    const card = await createMember(own, { role: 'trainer', name: 'trainer-2' }, password);
    await admit(folder, card, join(own, 'member.json'));
    const credentials = readFileSync(join(own, 'nats.nk'), 'utf8');
    const { tls, name } = optionsOfNewcomer();
    await expect(open('observer', { name, tls, credentials })).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    nats.reload(() => serverText());
    await expect
      .poll(() =>
        open('observer', { name, tls, credentials }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await expect(admit(folder, card, join(own, 'member.json'))).rejects.toMatchObject({
      code: 'CONSORTIUM_INVALID',
    });
    dismiss(folder, card.name);
    nats.reload(() => serverText());
    await expect
      .poll(() => open('observer', { name, tls, credentials }).catch((error: unknown) => error))
      .toMatchObject({ code: 'BUS_REFUSED' });

    function optionsOfNewcomer() {
      const text = (part: string): string => readFileSync(folder.member(card.name, part), 'utf8');
      return {
        name: card.address!,
        tls: { ca: text('ca.pem'), cert: text('node.pem'), key: text('node.key') },
      };
    }
  });
});

test('a certificate is renewed from the same authority; one that has run out lets nobody in', async () => {
  const before = readFileSync(folder.member('observer', 'node.pem'), 'utf8');
  expect(await renewCertificates(folder, ['observer'], -1)).toEqual(['observer']);
  await expect(open('observer')).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  expect(await renewCertificates(folder, [], 30)).toEqual([
    'nats-0',
    ...folder.read().members.map(({ name }) => name),
  ]);
  const after = readFileSync(folder.member('observer', 'node.pem'), 'utf8');
  expect(after).not.toBe(before);
  expect(new X509Certificate(after).validToDate.getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  expect((await open('observer')).state).toBe('connected');
});
