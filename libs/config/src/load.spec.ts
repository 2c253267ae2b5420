import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fault, isFault } from '#libs/fault';
import type { Problem } from '#libs/settings';
import { environment, plainEnvironment, variables } from './environment.ts';
import { exitCodeOf } from './exit-codes.ts';
import { type LoadedNode, loadNodeFile, type LoadNodeOptions } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-config-'));
  for (const name of ['plan.json', 'key', 'user.nk', 'ca.pem', 'password'])
    writeFileSync(join(folder, name), 'x');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ledger = `0x${'ab'.repeat(20)}`;
const good = `role: trainer
folder: state
run: { plan: plan.json, ledger: '${ledger}', number: 3, position: 2 }
chain: { url: http://127.0.0.1:8545 }
nats: { servers: ['127.0.0.1:4222'], credentialsFile: user.nk }
key: { localFile: key }
`;

let files = 0;
function load(text: string, options: LoadNodeOptions = {}): Promise<LoadedNode> {
  const path = join(folder, `node-${++files}.yaml`);
  writeFileSync(path, text);
  return loadNodeFile(path, { variables: {}, ...options });
}

async function problemsOf(text: string, options?: LoadNodeOptions): Promise<Record<string, string>> {
  const fault = await load(text, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isFault(fault)) throw new Error('it was loaded', { cause: fault });
  expect(fault.code).toBe('NODE_FILE_INVALID');
  const short = (at: string) => at.replace(/^.*\.yaml:/, '');
  const problems = fault.facts.problems as Problem[];
  for (const { at, message } of problems)
    expect(fault.message).toMatch(new RegExp(`${at}  .*${message.slice(0, 10)}`));
  return Object.fromEntries(problems.map(({ at, path, message }) => [`${short(at)} ${path}`, message]));
}

describe('a node file', () => {
  test('is read with its defaults, paths from its own folder on', async () => {
    const { config } = await load(good);
    expect(config).toMatchObject({
      role: 'trainer',
      name: 'trainer-2',
      folder: join(folder, 'state'),
      run: {
        ledger,
        number: 3,
        position: 2,
        source: { kind: 'plan', path: join(folder, 'plan.json'), folder },
      },
      chain: { url: 'http://127.0.0.1:8545', pollMs: 1_000 },
      nats: { servers: ['127.0.0.1:4222'], credentialsFile: join(folder, 'user.nk') },
      key: { localFile: join(folder, 'key') },
      http: { host: '127.0.0.1', port: 0 },
      log: { level: 'info' },
      stopMs: 4_000,
      data: null,
    });
  });

  test('may be JSON', async () => {
    const { config } = await load(
      JSON.stringify({
        ...{ role: 'trainer', folder: 'state', key: { localFile: 'key' } },
        run: { plan: 'plan.json', ledger, number: 0, position: 0 },
        chain: { url: 'https://example.org/v3/abc' },
        nats: { servers: ['a:1', 'b:2'] },
      }),
    );
    expect(config.nats.servers).toEqual(['a:1', 'b:2']);
  });

  test('says all that is wrong at once, with places and the nearest keys', async () => {
    const text = good
      .replace('role: trainer', 'role: trainr')
      .replace('url: http:', 'urls: http:')
      .replace("'127.0.0.1:4222'", '')
      .replace('localFile: key', 'localFile: nokey')
      .replace('number: 3', 'number: -3');
    expect(await problemsOf(`${text}logs: {}\nhttp: { port: 70000 }\n`)).toEqual({
      '1:7 role': 'expected one of trainer, validator, scheduler, not "trainr"; is trainer meant?',
      '3:87 run.number': 'expected a whole number from 0 on, not -3',
      '4:1 chain.url': 'missing; expected an address that begins with http:// or https://',
      '4:10 chain.urls': 'unknown key; is url meant?',
      '5:18 nats.servers': 'expected a list, each a text, not []',
      '6:19 key.localFile': `there is no file ${join(folder, 'nokey')}`,
      '7:1 logs': 'unknown key; is log meant?',
      '8:15 http.port': 'expected a whole number from 0 to 65,535, not 70000',
    });
  });

  test.each([
    ['a Scheduler without a queue', good.replace('role: trainer', 'role: scheduler'), 'redis', /needs it/],
    ['no part of the data', good.replace(', position: 2', ''), 'run.position', /data of its own/],
    ['two sources', good.replace('{ plan:', '{ file: key, plan:'), 'run.plan', /either file or plan/],
    [
      'two keys',
      good.replace('localFile: key', 'localFile: key, keystoreFile: key, password: x'),
      'key.localFile',
      /either/,
    ],
    [
      'a keystore that nothing opens',
      good.replace('localFile: key', 'keystoreFile: key'),
      'key.passwordFile',
      /missing/,
    ],
    [
      'half a certificate',
      good.replace('user.nk', 'user.nk, tls: { caFile: ca.pem, certFile: key }'),
      'nats.tls',
      /belong together/,
    ],
    ['an address in capitals', good.replace(ledger, ledger.toUpperCase()), 'run.ledger', /lower-case/],
    ['another kind of address', good.replace('http:', 'ftp:'), 'chain.url', /https/],
  ])('refuses %s', async (_, text, path, message) => {
    const problems = await problemsOf(text);
    expect(Object.keys(problems).map((key) => key.split(' ')[1])).toEqual([path]);
    expect(Object.values(problems)[0]).toMatch(message);
  });

  test('needs no place in the run file where the operator has data', async () => {
    const { config } = await load(
      `${good.replace(', position: 2', '')}data: { dataset: { kind: csv, path: a.csv, label: y } }\n`,
    );
    expect(config.run.position).toBeNull();
    expect(config.name).toBe('trainer');
    expect(config.data).toMatchObject({ kind: 'csv', path: join(folder, 'a.csv'), label: 'y' });
  });

  test('is that of the role that was asked for, or says none', async () => {
    expect((await load(good.replace('role: trainer\n', ''), { role: 'validator' })).config.role).toBe(
      'validator',
    );
    expect(await problemsOf(good, { role: 'validator' })).toEqual({
      '1:7 role': 'this is the file of a trainer, and a validator was asked for',
    });
  });

  test('that is no YAML, or none at all, is a fault that lasts', async () => {
    expect(Object.values(await problemsOf('role: [')).join()).not.toBe('');
    expect(Object.values(await problemsOf('- a'))).toEqual([
      'expected a mapping such as "role: trainer", not ["a"]',
    ]);
    expect(Object.keys(await problemsOf(''))).toContain('1:1 role');
    const missing = await loadNodeFile(join(folder, 'nowhere.yaml')).catch((error: unknown) => error);
    expect(missing).toMatchObject({ code: 'NODE_FILE_MISSING' });
    expect(exitCodeOf(missing)).toBe(2);
    expect(exitCodeOf(new Error('the world'))).toBe(75);
  });
});

describe('the environment', () => {
  test('holds over the file, by the path in capitals', async () => {
    const { config } = await load(good, {
      variables: {
        FLOBC_CHAIN_HEADS_URL: 'ws://127.0.0.1:8545',
        FLOBC_NATS_SERVERS: 'a:1, b:2',
        FLOBC_RUN_NUMBER: '7',
        FLOBC_LOG_LEVEL: 'trace',
        FLOBC_HTTP_HOST: '',
        UNRELATED: 'x',
      },
    });
    expect(config.chain.headsUrl).toBe('ws://127.0.0.1:8545');
    expect(config.nats.servers).toEqual(['a:1', 'b:2']);
    expect(config.run.number).toBe(7);
    expect(config.log.level).toBe('trace');
    expect(config.http.host).toBe('127.0.0.1');
  });

  test('is as strict as the file', async () => {
    const given = { FLOBC_CHAIN_ULR: 'x', FLOBC_HTTP_PORT: 'many', FLOBC_RUN_NUMBER: '1e3' };
    expect(await problemsOf(good, { variables: given })).toEqual({
      'FLOBC_CHAIN_ULR ': 'unknown variable; is FLOBC_CHAIN_URL meant?',
      'FLOBC_HTTP_PORT http.port': 'expected a whole number from 0 to 65,535, not "many"',
      'FLOBC_RUN_NUMBER run.number': 'expected a whole number from 0 on, not "1e3"',
    });
  });

  test("is this process's where none is given, and has no variables of nodes where nodes are started", () => {
    expect(environment).toBe(process.env);
    expect(Object.keys(plainEnvironment).filter((name) => name.startsWith('FLOBC_'))).toEqual([]);
    expect(plainEnvironment.PATH).toBe(process.env.PATH);
    expect([...variables.keys()].every((name) => /^FLOBC_[A-Z_]+$/.test(name))).toBe(true);
  });
});

test('what is wrong with a secret does not tell it', async () => {
  const scheduler = good.replace('role: trainer', 'role: scheduler');
  const fault = (await load(
    `${scheduler}redis: { url: 'http://:hunter2@example.org', password: [hunter3] }\n`,
  ).catch((error: unknown) => error)) as Fault;
  expect(fault.message).toContain('redis.url: expected an address that begins with redis:// or rediss://');
  expect(fault.message + JSON.stringify(fault.facts)).not.toContain('hunter');
});
