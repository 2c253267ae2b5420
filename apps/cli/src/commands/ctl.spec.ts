import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsortiumFolder, createMember, readControlFile, signerOf } from '#libs/consortium';
import { openJsonRpcChain } from '#libs/evm';
import type { Role } from '#libs/protocol';
import { type Anvil, type Nats, startAnvil, startNats } from '#libs/testkit';
import { ctlCommand } from './ctl.ts';
import { keysCommand } from './keys.ts';

// A consortium as its founder sees it: real servers, real contracts, the commands as they are typed. Nobody trains here.

const password = 'correct horse battery';
const base = mkdtempSync(join(tmpdir(), 'flobc-ctl-'));
const folder = new ConsortiumFolder(join(base, 'ours'));
const passwordFile = join(base, 'password');
const sponsor = folder.member('sponsor', 'control.yaml');
const observer = folder.member('observer', 'control.yaml');
let nats: Nats;
let chain: Anvil;

let written = '';
let exitCode = 0;
const output = {
  write: (text: string) => {
    written += text;
  },
};

async function ctl(...words: string[]): Promise<string> {
  [written, exitCode] = ['', 0];
  await ctlCommand(output, (code) => (exitCode = code)).parseAsync(words, { from: 'user' });
  return written;
}
const json = async (...words: string[]): Promise<unknown> => JSON.parse(await ctl(...words, '--json'));

beforeAll(async () => {
  writeFileSync(passwordFile, `${password}\n`);
  chain = await startAnvil();
  mkdirSync(folder.server('nats-0'), { recursive: true });
  nats = await startNats({ cwd: folder.server('nats-0') });
  await keysCommand(output).parseAsync(
    [
      ...['consortium', folder.path, '--trainers', '1', '--validators', '1', '--password-file', passwordFile],
      ...['--chain', chain.url, '--nats-port', String(nats.port)],
    ],
    { from: 'user' },
  );
  const conf = () => readFileSync(folder.server('nats-0', 'nats.conf'), 'utf8').replace(':8222', ':-1');
  await nats.restart(conf);
  writeFileSync(folder.member('sponsor', 'key.password'), password);
  const set = ['trainers.count=1', 'trainers.behaviours=[]', 'validators=1'].flatMap((value) => [
    '--set',
    value,
  ]);
  await ctl(
    ...['create', 'experiments/quickstart-local.yaml', ...set, '--consortium', folder.path],
    ...['--password-file', passwordFile, '--coins'],
  );
});
afterAll(async () => {
  await nats.close();
  await chain.stop();
  rmSync(base, { recursive: true });
});

/** What a node does when it starts: it bonds and joins. */
async function joinAs(name: string, role: Role): Promise<void> {
  const { key, run, chain: at } = readControlFile(folder.member(name, 'node.yaml'));
  const { keystoreFile } = key as { keystoreFile: string };
  const signer = await signerOf({ keystoreFile }, () => Promise.resolve(password));
  const reached = await openJsonRpcChain({ url: at.url, pollMs: 20 });
  const { membership } = (await reached.attach(run!.ledger)).as(signer);
  expect(await membership.bond(BigInt(run!.number), 10n ** 20n / 2n)).toMatchObject({ kind: 'done' });
  expect(await membership.join(BigInt(run!.number), role)).toMatchObject({ kind: 'done' });
  await reached.close();
}

test('a run is created, joined, paused, resumed and finished; whoever looks on sees it', async () => {
  const { run } = folder.read();
  expect(readControlFile(folder.member('trainer-0', 'node.yaml')).run).toEqual(run);
  expect(await json('runs', '--config', observer)).toMatchObject([
    { run: 0, phase: 'gathering', paused: false },
  ]);
  await joinAs('validator-0', 'validator');
  await joinAs('trainer-0', 'trainer');
  expect(await ctl('nodes', '--config', observer)).toMatch(/trainer\s+yes/);
  expect(await json('nodes', '--config', observer)).toMatchObject([
    { role: 'validator', bondWei: '50000000000000000000', lastHeard: null },
    { role: 'trainer', active: true },
  ]);
  expect(await json('rounds', '--config', observer)).toEqual([]);
  expect(await json('models', '--config', observer)).toEqual([]);

  expect(await ctl('pause', '--config', sponsor)).toMatch(/pauses after the open round/);
  expect(await json('runs', '--config', observer)).toMatchObject([{ paused: true }]);
  await expect(ctl('pause', '--config', sponsor)).rejects.toMatchObject({
    code: 'CHAIN_REFUSED',
    facts: { name: 'RunLedgerPaused' },
  });
  await ctl('resume', '--config', sponsor);
  expect(await json('runs', '--config', observer)).toMatchObject([{ paused: false }]);

  await expect(ctl('wait', '--finished', '--timeout', '0', '--config', observer)).rejects.toMatchObject({
    code: 'TIMED_OUT',
  });
  const finished = ctl('wait', '--finished', '--timeout', '60', '--config', observer);
  await ctlCommand({ write: () => undefined }).parseAsync(['finish', '--config', sponsor], { from: 'user' });
  expect(await finished).toMatch(/finished/);
  expect(exitCode).toBe(0);
  await ctl('wait', '--round', '7', '--config', observer);
  expect(exitCode).toBe(1);
});

test('what cannot be done is refused with what to do', async () => {
  const refusals: [string[], string, RegExp?][] = [
    [['pause', '--config', observer], 'CONTROL_FILE_INVALID', /names no key/],
    [['runs', '--config', join(base, 'none.yaml')], 'CONTROL_FILE_INVALID'],
    [['rounds', '--config', observer, '--run', '9'], 'RUN_UNKNOWN'],
    [
      ['models', 'get', 'latest', '--out', join(base, 'm'), '--config', observer],
      'OPTION_INVALID',
      /no model/,
    ],
    [['wait', '--config', observer], 'OPTION_INVALID', /nothing to wait for/],
    [
      ['create', 'experiments/quickstart-local.yaml', '--consortium', folder.path],
      'OPTION_INVALID',
      /has run 0/,
    ],
  ];
  for (const [words, code, message] of refusals)
    await expect(ctl(...words), words.join(' ')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message ?? /./) as unknown,
    });
});

test('a stranger cannot steer the run with a key of its own', async () => {
  const own = join(base, 'stranger');
  await createMember(own, { role: 'sponsor', name: 'stranger' }, password);
  writeFileSync(join(own, 'key.password'), password);
  const { chain: at, run } = readControlFile(sponsor);
  writeFileSync(
    join(own, 'control.yaml'),
    JSON.stringify({ chain: at, run, key: { keystoreFile: 'key.json', passwordFile: 'key.password' } }),
  );
  const { address } = JSON.parse(readFileSync(join(own, 'member.json'), 'utf8')) as { address: string };
  await chain.request('anvil_setBalance', address, '0xde0b6b3a7640000');
  await expect(ctl('finish', '--config', join(own, 'control.yaml'))).rejects.toMatchObject({
    code: 'CHAIN_REFUSED',
  });
});
