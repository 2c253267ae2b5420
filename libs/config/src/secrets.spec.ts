import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSigner } from '#libs/wire';
import { explainNode, withoutSecrets } from './explain.ts';
import { parseNodeFile } from './load.ts';
import { readSecrets } from './secrets.ts';

/** As ethers writes it, but with a derivation that takes no time. */
const keystore = `{"address":"2c7536e3605d9c16a7a3d7b1898e529396a65c23","id":"37fd70fa-8e4c-40ba-9e17-2e1876efd913","version":3,"Crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"ea7ae640313f26f8d3ee69974419687d"},"ciphertext":"68b6c9e06851abf45d05780c0fb2dc377ab54451d304927aecff85a9df1036e5","kdf":"scrypt","kdfparams":{"salt":"a0312fc87c81f399c449678b200c40200cc33bec6b89836f4071b699ee2a382a","n":2,"dklen":32,"p":1,"r":1},"mac":"00b64ff99e54fa204890532098ed642510838b2a48e9f351bdcad58b48f71a16"}}`;
const privateKey = '4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-secrets-'));
  writeFileSync(join(folder, 'keystore.json'), keystore);
  writeFileSync(join(folder, 'key.password'), 'open sesame\n');
  writeFileSync(join(folder, 'wrong.password'), 'open sesame!');
  writeFileSync(join(folder, 'redis.password'), 'p@ss/word\r\n');
  writeFileSync(join(folder, 'user.nk'), 'SUAGOODSEED\n');
  writeFileSync(join(folder, 'plan.json'), '{}');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const load = (password = 'key.password', variables = {}) =>
  parseNodeFile(
    `role: scheduler
name: scheduler-1
folder: state
run: { plan: plan.json, ledger: '0x${'ab'.repeat(20)}', number: 0 }
chain: { url: 'https://rpc.example.org/v3/0123456789abcdef' }
nats: { servers: ['127.0.0.1:4222'], credentialsFile: user.nk }
redis: { url: 'redis://127.0.0.1:6379/1', passwordFile: redis.password }
key: { keystoreFile: keystore.json, passwordFile: ${password} }
`,
    join(folder, 'node.yaml'),
    { variables },
  );

describe('secrets', () => {
  test('are read from their files', async () => {
    const secrets = await readSecrets((await load()).config);
    expect(openSigner(secrets.privateKey).address).toBe('0x2c7536e3605d9c16a7a3d7b1898e529396a65c23');
    expect(secrets.credentials).toBe('SUAGOODSEED');
    expect(new URL(secrets.redisUrl!)).toMatchObject({ host: '127.0.0.1:6379', password: 'p%40ss%2Fword' });
    expect(secrets.texts).toEqual(
      expect.arrayContaining([privateKey, 'open sesame', 'SUAGOODSEED', 'p@ss/word']),
    );
  });

  test('a password that does not open the keystore is a fault without it', async () => {
    const fault = await readSecrets((await load('wrong.password')).config).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'KEY_INVALID' });
    expect(JSON.stringify(fault) + String(fault)).not.toContain('sesame');
  });

  test('are not in what explains the configuration', async () => {
    const settings = explainNode(await load('key.password', { FLOBC_LOG_LEVEL: 'debug' }));
    const shown = Object.fromEntries(
      settings.map(({ path, value, source }) => [path, `${value} <- ${source}`]),
    );
    expect(shown).toMatchObject({
      role: `scheduler <- ${join(folder, 'node.yaml')}:1:7`,
      'log.level': 'debug <- FLOBC_LOG_LEVEL',
      'http.port': '0 <- default',
      'chain.url': `https://rpc.example.org/<secret> <- ${join(folder, 'node.yaml')}:5:15`,
      'redis.url': `redis://127.0.0.1:6379/1 <- ${join(folder, 'node.yaml')}:7:15`,
      'redis.passwordFile': `redis.password <- ${join(folder, 'node.yaml')}:7:57`,
    });
    const given = explainNode(
      await parseNodeFile(
        `role: scheduler
folder: state
run: { plan: plan.json, ledger: '0x${'ab'.repeat(20)}', number: 0 }
chain: { url: 'https://user:hunter1@rpc.example.org' }
nats: { servers: ['nats://me:hunter2@127.0.0.1:4222'] }
redis: { url: 'rediss://:hunter3@127.0.0.1:6379', password: hunter4 }
key: { keystoreFile: keystore.json, password: hunter5 }
`,
        join(folder, 'node.yaml'),
        { variables: {} },
      ),
    );
    expect(JSON.stringify(given)).not.toContain('hunter');
    expect(given.find(({ path }) => path === 'key.password')?.value).toBe('<secret>');
  });
});

test.each([
  ['http://127.0.0.1:8545', 'http://127.0.0.1:8545'],
  ['redis://:pw@host:1/3', 'redis://<secret>@host:1/3'],
  ['https://host/v3/key', 'https://host/<secret>'],
  ['https://host?key=1', 'https://host/<secret>'],
  ['host:4222', 'host:4222'],
])('of %s is shown %s', (url, shown) => {
  expect(withoutSecrets(url)).toBe(shown);
});
