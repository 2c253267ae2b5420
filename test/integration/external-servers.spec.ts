import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProcesses, killProcesses } from '#libs/local';
import { openNats } from '#libs/nats';
import { type Anvil, type Nats, type RedisServer, startAnvil, startNats, startRedis } from '#libs/testkit';
import { psCommand } from '../../apps/cli/src/commands/network.ts';

// `flobc up` as a user starts it, on servers that are there already: they are used, and stay as they are.

const passwords = { nats: 'nats-has-this-one', redis: 'redis-has-this-one' };
const program = join(import.meta.dirname, '../../dist/apps/cli/src/main.js');
const root = mkdtempSync(join(tmpdir(), 'flobc-external-'));
const values = [
  ...['rounds=2', 'model=mlp-200', 'trainers.count=2', 'trainers.behaviours=[]', 'validators=1'],
  ...['data.samplesPerTrainer=200', 'data.samplesPerValidator=200'],
];

let nats: Nats;
let redis: RedisServer;
let anvil: Anvil;
beforeAll(async () => {
  const conf = `authorization { user: flobc, password: ${passwords.nats} }`;
  [nats, redis, anvil] = await Promise.all([startNats({ conf }), startRedis(), startAnvil()]);
  const client = new Redis(redis.url);
  await client.config('SET', 'requirepass', passwords.redis);
  client.disconnect();
});
const commands = new Set<ChildProcess>();
afterAll(async () => {
  // One that a test has given up waiting for would start its network again.
  for (const command of commands) command.kill('SIGKILL');
  for (const name of readdirSync(root)) killProcesses(join(root, name));
  await Promise.all([nats.close(), redis.close(), anvil.stop()]);
  rmSync(root, { recursive: true, maxRetries: 5 });
});

const natsUrl = () => nats.url.replace('//', `//flobc:${passwords.nats}@`);
const redisUrl = () => `${redis.url.replace('//', `//:${passwords.redis}@`)}/3`;
const all = () => ['--nats', natsUrl(), '--redis', redisUrl(), '--chain', anvil.url];

interface Ended {
  readonly code: number | null;
  /** What it has written, to both outputs. */
  readonly said: string;
}

/** @param until What it is interrupted at, once. */
function flobc(words: readonly string[], until?: RegExp, hear: () => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words]);
  commands.add(child);
  let said = '';
  let isAsked = false;
  const add = (chunk: Buffer): void => {
    said += chunk.toString();
    if (isAsked || until?.test(said) !== true) return;
    isAsked = true;
    hear();
    child.kill('SIGINT');
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      commands.delete(child);
      resolve({ code, said });
    }),
  );
}

const place = (name: string): string => join(root, name);
const up = (name: string, options: readonly string[], until?: RegExp, hear?: () => void): Promise<Ended> => {
  const set = [`name=${name}`, ...values].flatMap((value) => ['--set', value]);
  const run = ['up', 'experiments/quickstart-local.yaml', ...set, '--out', place(name), '--exit'];
  return flobc([...run, ...options], until, hear);
};
const firstRound = /^round/m;
/** So many that a run is interrupted before its last one. */
const many = ['--set', 'rounds=6'];
/** So many that it is interrupted, however long the machine takes to say so. */
const endless = ['--set', 'rounds=60'];

/** Its inlet, what is heard of it, and the updates of its two Trainers. */
const perRun = 4;

/** Streams that are a run's own, not those that all runs put their objects in. */
async function streams(): Promise<string[]> {
  const link = await openNats({ servers: [nats.url], name: 'test', credentials: `flobc:${passwords.nats}` });
  const names: string[] = [];
  for await (const name of link.manager.streams.names()) names.push(name);
  await link.close();
  return names.filter((name) => /^FLOBC_|-updates-/.test(name));
}

async function keys(): Promise<string[]> {
  const client = new Redis(redisUrl());
  const found = await client.keys('*');
  client.disconnect();
  return found;
}

function filesOf(name: string): string[] {
  return readdirSync(place(name), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('a network on servers that are there already', () => {
  const patient = { timeout: 240_000 };

  test('goes on without being told again where they are, and leaves nothing in them', patient, async () => {
    let processes: string[] = [];
    let listed = '';
    const first = await up('whole', [...all(), ...many], firstRound, () => {
      processes = findProcesses(place('whole')).map(({ name }) => name);
      const output = { write: (text: string) => (listed += text) };
      psCommand(output).parse(['--network', place('whole')], { from: 'user' });
    });
    expect(first.code, first.said).toBe(130);
    expect(processes.sort()).toEqual(['scheduler-0', 'trainer-0', 'trainer-1', 'validator-0']);
    expect(listed).toContain(`external  redis           ${place('whole')}  ${new URL(redis.url).host}\n`);
    expect(await streams()).toHaveLength(perRun);
    expect((await keys()).length).toBeGreaterThan(0);

    const same = ['--set', 'name=whole', '--out', place('same')];
    const other = await up('same', [...all(), ...many, ...same]);
    expect(other.said).toMatch(/another network's run of this configuration/);

    const second = await up('whole', many);
    expect(second.code, second.said).toBe(0);
    expect(second.said).toMatch(/finished after 6 rounds/);
    expect(await streams()).toEqual([]);
    expect(await keys()).toEqual([]);
    expect(Number(await anvil.request('eth_blockNumber'))).toBeGreaterThan(10);

    const open = filesOf('whole').filter((path) => (statSync(path).mode & 0o077) !== 0);
    expect(open.length).toBeGreaterThan(5);
    for (const password of Object.values(passwords)) {
      expect(open.filter((path) => readFileSync(path).includes(password))).toEqual([]);
      expect([first, second, other].filter(({ said }) => said.includes(password))).toEqual([]);
    }
  });

  test('says when one of them has lost what it needs, and can be given up', patient, async () => {
    const stopped = await up('lost', [...all(), ...endless], firstRound);
    expect(stopped.code, stopped.said).toBe(130);
    const empty = await Promise.all([startAnvil(), startNats()]);
    try {
      const [chain, bus] = empty;
      const onChain = await up('lost', [...endless, '--chain', chain.url]);
      expect(onChain.said).toMatch(/The chain at \S+ does not have the run of the network in/);
      const onNats = await up('lost', [...endless, '--nats', bus.url]);
      expect(onNats.said).toMatch(/NATS at \S+ does not have the messages of the network in/);
    } finally {
      await empty[0].stop();
      await empty[1].close();
    }
    const before = await streams();
    const given = await flobc(['down', '--network', place('lost'), '--forget']);
    expect(given.said).toMatch(/removed what it had in nats at/);
    expect(await streams()).toHaveLength(before.length - perRun);
  });
});

/** A chain like those of the world: it gives nobody coins, and tells of no blocks. */
async function meanChain(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(400).end();
      return;
    }
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      const error = { code: -32_601, message: `the method ${method} does not exist` };
      const refused = JSON.stringify({ jsonrpc: '2.0', id, error });
      const headers = { 'content-type': 'application/json' };
      response.end(
        /^(anvil|hardhat)_/.test(method)
          ? refused
          : await (await fetch(anvil.url, { method: 'POST', headers, body })).text(),
      );
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The first account of every anvil: https://getfoundry.sh/anvil/overview. */
const rich = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

test(
  'on a chain that gives no coins somebody has to pay, with enough of them',
  { timeout: 240_000 },
  async () => {
    const chain = await meanChain();
    const keyFile = (name: string, key: string): string[] => {
      const file = place(`${name}.key`);
      writeFileSync(file, key, { mode: 0o600 });
      return ['--chain', chain.url, '--chain-key', file];
    };
    try {
      const nobody = await up('nobody', ['--chain', chain.url]);
      expect(nobody.said).toMatch(
        /gives no coins for gas[\s\S]*account that has 0\.\d+ coins: --chain-key FILE/,
      );
      const poor = await up('poor', keyFile('poor', `0x${'17'.repeat(32)}`));
      expect(poor.said).toMatch(/has 0 coins of the chain at \S+, and the gas of this run may take 0\.\d+/);
      const paid = await up('paid', [...keyFile('rich', rich), '--set', 'rounds=1']);
      expect(paid.code, paid.said).toBe(0);
      expect(filesOf('paid').filter((path) => readFileSync(path).includes(rich.slice(2)))).toEqual([]);
    } finally {
      chain.close();
    }
  },
);

describe('servers that cannot be used are said to be so, and nothing is started', () => {
  const nowhere = '127.0.0.1:1';

  test.each([
    ['no NATS', () => ['--nats', `nats://${nowhere}`], /There is no NATS server at/],
    ['no Redis', () => ['--redis', `redis://:${passwords.redis}@${nowhere}`], /There is no Redis at/],
    ['no chain', () => ['--chain', `http://${nowhere}`], /No chain answers at/],
    ['NATS without a login', () => ['--nats', nats.url], /wants credentials[\s\S]*--nats-credentials FILE/],
    ['another scheme', () => ['--redis', `http://:${passwords.redis}@${nowhere}`], /--redis is no address/],
    ['a key for no chain', () => ['--chain-key', program], /--chain-key without --chain/],
  ])('%s', async (name, options, sentence) => {
    const folder = name.replaceAll(' ', '-');
    const { said, code } = await up(folder, options());
    expect(said).toMatch(sentence);
    expect(code).not.toBe(0);
    expect(said).not.toContain(passwords.redis);
    expect(findProcesses(place(folder))).toEqual([]);
    expect(existsSync(join(place(folder), 'network.json'))).toBe(false);
  });

  test('NATS without JetStream', async () => {
    const plain = await startNats({ conf: ({ port }) => `host: 127.0.0.1\nport: ${port}\n` });
    const { said } = await up('plain', ['--nats', plain.url]);
    await plain.close();
    expect(said).toMatch(/has no JetStream for this user/);
  });
});
