import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePlan } from '#libs/experiment';
import { killProcesses, localControl } from '#libs/local';
import { type LinkOptions, NatsBlobs, openNats } from '#libs/nats';
import { generator } from '#libs/random';
import { privateKeyOf } from '#libs/simulation';

// A small run of `flobc up` as a user starts it: what its folder, its logs and its output give away, and whom its servers let in.

const folder = mkdtempSync(join(tmpdir(), 'flobc-secrets-'));
const program = join(import.meta.dirname, '../../dist/apps/cli/src/main.js');
const values = [
  ...['rounds=1', 'trainers.count=2', 'trainers.behaviours=[]', 'validators=1'],
  ...['data.samplesPerTrainer=200', 'data.samplesPerValidator=200'],
];
let network: ChildProcess;
let said = '';

beforeAll(async () => {
  const set = values.flatMap((value) => ['--set', value]);
  network = spawn(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', program, 'up', 'experiments/quickstart-local.yaml'],
    ...[...set, '--out', folder],
  ]);
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/^written/m.test(said)) resolve();
    };
    network.stdout!.on('data', hear);
    network.stderr!.on('data', hear);
    network.once('exit', () => {
      reject(new Error(said));
    });
  });
}, 240_000);
afterAll(async () => {
  const ended = new Promise((resolve) => network.once('exit', resolve));
  network.kill('SIGINT');
  await ended;
  killProcesses(folder);
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

const isSecret = (path: string): boolean => /(\.nk|\.key|key\.local)$/.test(path);
const filesIn = (): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** The lines of a PEM file that are the key, the seed of an NKey, the digits of a private key. */
const secretsIn = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.length > 20 && !line.startsWith('-----'));

test('no key is in a log, in the output, or in any other file than its own', () => {
  const random = generator(parsePlan(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))).seed);
  const derived = ['sponsor', 'scheduler', 'trainer-0', 'validator-0'].map((name) =>
    Buffer.from(privateKeyOf(random, name)).toString('hex'),
  );
  const files = filesIn();
  const secrets = [...derived, ...files.filter(isSecret).flatMap(secretsIn)];
  expect(secrets.length).toBeGreaterThan(15);
  // By its bytes: stores and journals are no texts.
  const others = files.filter((path) => !isSecret(path)).map((path) => [path, readFileSync(path)] as const);
  expect(others.some(([path]) => path.endsWith('logs/trainer-0.log'))).toBe(true);
  for (const secret of secrets) {
    const forms = /^[0-9a-f]{64}$/.test(secret) ? [secret, Buffer.from(secret, 'hex')] : [secret];
    const holders = others.filter(([, bytes]) => forms.some((form) => bytes.includes(form)));
    expect(holders.map(([path]) => relative(folder, path))).toEqual([]);
    expect(said.includes(secret)).toBe(false);
  }
});

test('only the owner may read a key', () => {
  const secret = filesIn().filter(isSecret);
  expect(secret.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
});

const optionsOf = (user: string): LinkOptions => {
  const { nats } = localControl(folder);
  const credentials = readFileSync(join(folder, 'credentials', `${user}.nk`), 'utf8');
  return { ...nats, name: user, credentials, patienceMs: 0 };
};
const trainers = () =>
  [...localControl(folder).names].filter(([, name]) => name.startsWith('trainer')).map(([id]) => id);

test('NATS lets nobody in without TLS or without credentials', async () => {
  const { servers, tls, name, credentials } = optionsOf('observer');
  const refused = { code: 'BUS_REFUSED' };
  await expect(openNats({ servers, name, credentials: credentials!, patienceMs: 0 })).rejects.toMatchObject(
    refused,
  );
  await expect(openNats({ servers, name, tls: tls!, patienceMs: 0 })).rejects.toMatchObject(refused);
});

test("a Trainer's credentials neither publish a ballot nor read another Trainer's updates", async () => {
  const [one, other] = trainers();
  const link = await openNats(optionsOf(one!));
  try {
    const text = readFileSync(join(folder, 'network.json'), 'utf8');
    const { configuration } = JSON.parse(text) as { configuration: string };
    const publish = (kind: string) =>
      link.connection.request(`flobc.v1.${configuration}.${kind}.${one}`, 'x', { timeout: 5_000 });
    await expect(publish('ballot')).rejects.toThrow(/permission/i);
    // What it may say is taken: it is the kind that is refused.
    await expect(publish('receipt')).resolves.toBeDefined();
    const digest = `0x${'00'.repeat(32)}` as const;
    await expect(new NatsBlobs(link).get(digest, 100, { kind: 'update', by: other! })).rejects.toMatchObject({
      code: 'BLOBS_REFUSED',
    });
  } finally {
    await link.close();
  }
});
