import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Fault, isFault } from '#libs/fault';
import type { Nats } from '#libs/testkit';
import type { LinkOptions } from './link.ts';
import { scene } from './scene.fixture.ts';
import { type Authority, createAuthority, issueCertificate } from './security/authority.ts';
import { createNKey } from './security/nkey.ts';
import { authorizationConfig, tlsConfig } from './security/server-config.ts';

const { server, link } = scene();
const node = createNKey();
const users = [{ role: 'observer', name: 'node', publicKey: node.publicKey }] as const;
const hosts = ['127.0.0.1'];
const yesterday = (): Date => new Date(Date.now() - 2 * 86_400_000);

let authority: Authority;
let files: Nats;
let plain: Nats;
let secure: Nats;

/** Writes a certificate where servers find it. */
function tlsOf(name: string, issued: { cert: string; key: string }, verifiesNodes = false): string {
  const place = (what: string): string => join(files.folder, `${name}.${what}.pem`);
  for (const [what, text] of Object.entries({ ...issued, ca: authority.cert }))
    writeFileSync(place(what), text);
  return tlsConfig({ certFile: place('cert'), keyFile: place('key'), caFile: place('ca'), verifiesNodes });
}

async function faultOf(to: Nats | readonly string[], options: Partial<LinkOptions>): Promise<Fault> {
  const outcome: unknown = await link(to, options).catch((error: unknown) => error);
  if (isFault(outcome)) return outcome;
  throw new Error(`no fault, but ${String(outcome)}`);
}

beforeAll(async () => {
  authority = await createAuthority('Test consortium');
  files = await server();
  plain = await server({ conf: authorizationConfig(users) });
  const issued = await issueCertificate(authority, { name: 'nats', hosts });
  secure = await server({ conf: `${authorizationConfig(users)}\n${tlsOf('good', issued)}` });
});

describe('a link', () => {
  test('is made with the NKey that the server knows, plain or by TLS', async () => {
    const tls = { ca: authority.cert };
    const links = [
      await link(plain, { credentials: node.seed }),
      await link(secure, { credentials: `${node.seed}\n`, tls }),
    ];
    for (const one of links) {
      await one.connection.flush();
      expect(one.state).toBe('connected');
      await one.close();
      expect(one.state).toBe('disconnected');
    }
  });

  test('waits for a server that is not there yet, as long as it is told to', async () => {
    const late = await server();
    await late.stop();
    const linking = link(late, { patienceMs: 30_000 });
    await late.restart();
    expect((await linking).state).toBe('connected');
  });
});

describe('what keeps a link from being made is said', () => {
  test.each<readonly [string, () => Promise<Fault>, string, RegExp, RegExp]>([
    [
      'no server',
      async () => faultOf([await closedPort()], {}),
      'BUS_UNREACHABLE',
      /no NATS server at 127/,
      /nats-server runs/,
    ],
    ['no credentials', () => faultOf(plain, {}), 'BUS_REFUSED', /wants credentials/, /NKey seed/],
    [
      'unknown credentials',
      () => faultOf(plain, { credentials: createNKey().seed }),
      'BUS_REFUSED',
      /does not know the credentials/,
      /public key/,
    ],
    [
      'no seed',
      () => faultOf(plain, { credentials: node.publicKey }),
      'BUS_REFUSED',
      /no NKey seed/,
      /begins with SU/,
    ],
    [
      'plain where TLS is asked for',
      () => faultOf(secure, { credentials: node.seed }),
      'BUS_REFUSED',
      /wants TLS, and this node was not told how/,
      /CA certificate/,
    ],
    [
      'an authority that Node does not know, and no other is named',
      () => faultOf([secure.url.replace('nats:', 'tls:')], { credentials: node.seed }),
      'BUS_REFUSED',
      /by an authority that this node does not know/,
      /CA certificate/,
    ],
    [
      'TLS where the server is plain, asked for by the address',
      () => faultOf([plain.url.replace('nats:', 'tls:')], { credentials: node.seed }),
      'BUS_REFUSED',
      /does not speak TLS/,
      /./,
    ],
    [
      'TLS where the server is plain',
      () => faultOf(plain, { credentials: node.seed, tls: { ca: authority.cert } }),
      'BUS_REFUSED',
      /does not speak TLS/,
      /certificate/,
    ],
    [
      'another authority',
      async () =>
        faultOf(secure, { credentials: node.seed, tls: { ca: (await createAuthority('Other')).cert } }),
      'BUS_REFUSED',
      /authority that this node does not know/,
      /CA certificate of this consortium/,
    ],
  ])('%s', async (_, outcome, code, message, hint) => {
    const fault = await outcome();
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
    expect(fault.hint).toMatch(hint);
    expect(JSON.stringify(fault.facts)).not.toContain(node.seed);
  });

  test('an expired certificate of the server', async () => {
    const issued = await issueCertificate(authority, { name: 'old', hosts, from: yesterday(), days: 1 });
    const expired = await server({ conf: tlsOf('old', issued) });
    const fault = await faultOf(expired, { tls: { ca: authority.cert } });
    expect(fault.code).toBe('BUS_REFUSED');
    expect(fault.message).toMatch(/has expired/);
  });

  test('a certificate for another host', async () => {
    const issued = await issueCertificate(authority, { name: 'other', hosts: ['nats.example'] });
    const other = await server({ conf: tlsOf('other', issued) });
    const fault = await faultOf(other, { tls: { ca: authority.cert } });
    expect(fault.message).toMatch(/for another host/);
  });

  test('a server that asks for a certificate: none, an expired one, and one that it takes', async () => {
    const issued = await issueCertificate(authority, { name: 'nats', hosts });
    const strict = await server({ conf: tlsOf('strict', issued, true) });
    const ca = authority.cert;
    const good = await issueCertificate(authority, { name: 'node' });
    const old = await issueCertificate(authority, { name: 'node', from: yesterday(), days: 1 });
    const strange = await issueCertificate(await createAuthority('Other'), { name: 'node' });
    for (const tls of [{ ca }, { ca, ...strange }]) {
      const fault = await faultOf(strict, { tls, connectMs: 500 });
      expect(fault.code).toBe('BUS_REFUSED');
      expect(fault.message).toMatch(/no node without a certificate of the consortium/);
    }
    expect((await faultOf(strict, { tls: { ca, ...old } })).message).toMatch(
      /own certificate .* has expired/,
    );
    expect((await faultOf(strict, { tls: { ca, ...good, cert: 'x' } })).message).toMatch(/cannot be read/);
    expect((await link(strict, { tls: { ca, ...good } })).state).toBe('connected');
  });
});

/** An address at which nobody listens. */
function closedPort(): Promise<string> {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const address = listener.address();
      listener.close(() => {
        resolve(`127.0.0.1:${typeof address === 'object' ? address!.port : 0}`);
      });
    });
  });
}
