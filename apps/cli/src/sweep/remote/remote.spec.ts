import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SweepBoard, SweepWorker } from '#libs/bullmq';
import { type RedisServer, startRedis } from '#libs/testkit';
import { smallBase, writeSweepFile, writeTables } from '../sweep.fixture.ts';
import { buildOfProduct } from './build.ts';

// Real processes on a real Redis: sweeps that are handed out give what they give on one machine.

const text = `name: handed-out\n${smallBase}\nmatrix:\n  trainers.count: [2, 3]\nseeds: 1-2\n`;

type Line = Readonly<Record<string, unknown>>;

/** A command in a process of its own, and what it has said. */
class Command {
  readonly lines: Line[] = [];
  readonly ended: Promise<number | string>;
  #text = '';
  readonly #child: ChildProcess;
  readonly #heard: (() => void)[] = [];

  constructor(...words: readonly string[]) {
    const main = join(import.meta.dirname, '../../main.ts');
    const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', main, ...words, '--json'];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr!.on('data', (part: Buffer) => {
      this.#text += part.toString();
      for (const hear of this.#heard) hear();
    });
    createInterface(this.#child.stdout!).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line);
      for (const hear of this.#heard) hear();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        resolve(code ?? signal ?? '');
        for (const hear of this.#heard) hear();
      });
    });
    running.add(this);
    void this.ended.then(() => running.delete(this));
  }

  /** What it has said besides. */
  get side(): string {
    return this.#text;
  }

  kill(signal: 'SIGINT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  trials(state: string): Line[] {
    return this.lines.filter((line) => line.kind === 'trial' && line.state === state);
  }

  /** When it has said something of this kind, so often. */
  until(kind: string, state?: string, times = 1): Promise<void> {
    const count = () => this.lines.filter((line) => line.kind === kind && line.state === state).length;
    return this.untilTrue(() => count() >= times);
  }

  async untilTrue(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if ((this.#child.exitCode ?? this.#child.signalCode) !== null)
        throw new Error(`it has ended: ${this.side}`);
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }
}

const running = new Set<Command>();
let redis: RedisServer;
let folder = '';
let file = '';

beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'flobc-remote-'));
  writeTables(folder);
  file = writeSweepFile(folder, text);
  expect(await new Command('sweep', file, '--out', join(folder, 'local')).ended).toBe(0);
}, 120_000);
afterAll(async () => {
  for (const command of running) command.kill('SIGKILL');
  await Promise.all([...running].map(({ ended }) => ended));
  await redis.close();
  rmSync(folder, { recursive: true });
});

const sweep = (out: string, from = file) =>
  new Command('sweep', from, '--out', join(folder, out), '--workers', redis.url);

async function worker(name: string, ...options: readonly string[]): Promise<Command> {
  const one = ['--name', name, '--parallel', '1', '--files', folder];
  const command = new Command('worker', redis.url, ...one, ...options);
  await command.until('worker');
  return command;
}

async function stop(...workers: readonly Command[]): Promise<void> {
  for (const command of workers) command.kill('SIGINT');
  for (const command of workers) expect(await command.ended).toBe(0);
}

/** Digests of everything that does not depend on machine and time, by name. */
function resultsIn(out: string): Record<string, string> {
  const names = readdirSync(join(folder, out), { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, out, name);
      const isTold = statSync(path).isFile() && !/(?:^|[/])(?:sweep[.]json|times[.]\w+)$/.test(name);
      return [name, isTold ? digestWithoutSeconds(name, readFileSync(path, 'latin1')) : ''];
    }),
  );
}

function digestWithoutSeconds(name: string, content: string): string {
  const timeless = name.endsWith('rounds.csv')
    ? content.replace(/,[^,\n]*$/gm, '')
    : content.replace(/"seconds": ?(?:\{[^}]*\}|[\d.e-]+)/g, '');
  return createHash('sha256').update(timeless).digest('hex');
}

describe('a sweep with workers', { timeout: 240_000 }, () => {
  test('gives the same files as without', async () => {
    const workers = [await worker('one'), await worker('two')];
    const coordinator = sweep('both');
    expect(await coordinator.ended, coordinator.side).toBe(0);
    await stop(...workers);
    expect(resultsIn('both')).toEqual(resultsIn('local'));
    expect(new Set(coordinator.trials('started').map((line) => line.worker))).toEqual(
      new Set(['one', 'two']),
    );
    expect(coordinator.trials('ended')).toHaveLength(4);
    expect(existsSync(join(folder, 'both', '.queue'))).toBe(false);
  });

  test('goes on when a worker is killed in the middle of a trial', async () => {
    const coordinator = sweep('lost-worker');
    const killed = await worker('killed');
    await killed.until('trial', 'started');
    await coordinator.until('trial', 'started');
    killed.kill('SIGKILL');
    await killed.ended;
    const other = await worker('other');
    expect(await coordinator.ended, coordinator.side).toBe(0);
    await stop(other);
    expect(resultsIn('lost-worker')).toEqual(resultsIn('local'));
    expect(coordinator.trials('failed')).toMatchObject([{ again: true }]);
    expect(coordinator.trials('ended')).toHaveLength(4);
  });

  test('goes on when its coordinator is killed, with what was finished meanwhile', async () => {
    const killed = sweep('lost-coordinator');
    const only = await worker('only');
    await killed.until('trial', 'ended');
    killed.kill('SIGKILL');
    await only.until('trial', 'ended', 4);
    await stop(only);
    // There is nobody who could run anything any more.
    const again = sweep('lost-coordinator');
    expect(await again.ended, again.side).toBe(0);
    expect(resultsIn('lost-coordinator')).toEqual(resultsIn('local'));
  });

  test('takes back what nobody has begun when it is ended', async () => {
    const stopped = sweep('stopped');
    const only = await worker('only');
    await only.until('trial', 'started');
    stopped.kill('SIGINT');
    expect(await stopped.ended).toBe(130);
    // It would take at once what is still there to be taken.
    const next = await worker('next');
    const begun = only.trials('started').length;
    await only.until('trial', 'ended', begun);
    await stop(only);
    expect(only.trials('started')).toHaveLength(begun);
    expect(next.trials('started')).toEqual([]);
    const again = sweep('stopped');
    expect(await again.ended, again.side).toBe(0);
    await stop(next);
    expect(next.trials('ended')).toHaveLength(4 - begun);
    expect(resultsIn('stopped')).toEqual(resultsIn('local'));
  });

  test('gets a trial back from a worker that is asked twice to end', async () => {
    const coordinator = sweep('given-back');
    const hasty = await worker('hasty');
    await hasty.until('trial', 'started');
    hasty.kill('SIGINT');
    await hasty.until('stopping');
    hasty.kill('SIGINT');
    expect(await hasty.ended).toBe(0);
    expect(hasty.trials('left')).toMatchObject([{ why: 'given back' }]);
    const patient = await worker('patient');
    expect(await coordinator.ended, coordinator.side).toBe(0);
    await stop(patient);
    expect(resultsIn('given-back')).toEqual(resultsIn('local'));
  });

  test('says that nobody works, and why somebody does not', async () => {
    const coordinator = sweep('alone');
    const elsewhere = mkdtempSync(join(tmpdir(), 'flobc-elsewhere-'));
    copyFileSync(join(folder, 'train.csv'), join(elsewhere, 'train.csv'));
    copyFileSync(join(folder, 'train.csv'), join(elsewhere, 'test.csv'));
    const wrong = new Command('worker', redis.url, '--name', 'wrong', '--files', elsewhere);
    await wrong.until('sweep');
    expect(wrong.lines.at(-1)).toMatchObject({ refusal: 'test.csv has another content there' });
    await coordinator.untilTrue(() => coordinator.side.includes(`flobc worker ${redis.url}`));
    const right = await worker('right');
    expect(await coordinator.ended, coordinator.side).toBe(0);
    await stop(wrong, right);
    expect(coordinator.side).toContain('wrong does not work for this sweep: test.csv has another content');
    expect(wrong.trials('started')).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });

  test('takes a policy of the user along, and tells of trials that fail', async () => {
    const shipped = readFileSync('experiments/policies/AboveZero.sol', 'utf8');
    const constructor = 'constructor(uint256 most) { require(most > 0); }';
    const contract = shipped.replace('contract AboveZero is SplitPolicy {', `$&\n${constructor}`);
    writeFileSync(join(folder, 'AboveZero.sol'), contract);
    const own = join(folder, 'own.yaml');
    const matrix = 'fixed: { trainers.count: 2 }\nmatrix:\n  policy.parameters: [[0], [1]]\nseeds: [1]\n';
    writeFileSync(own, `name: own\n${smallBase}\n  policy: { name: ./AboveZero.sol }\n${matrix}`);
    const here = new Command('sweep', own, '--out', join(folder, 'own-local'));
    const only = await worker('only');
    const coordinator = sweep('own-remote', own);
    expect([await here.ended, await coordinator.ended]).toEqual([1, 1]);
    await stop(only);
    expect(coordinator.side).toContain('policy.parameters [0], seed 1: only: the deployment of the policy');
    expect(only.trials('started')).toHaveLength(2);
    expect(resultsIn('own-remote')).toEqual(resultsIn('own-local'));
  });
});

describe('builds that differ', { timeout: 120_000 }, () => {
  const other = { ...buildOfProduct(), sources: `0x${'5'.repeat(64)}` as const, commit: 'another' };

  test('a worker of another build than the sweep ends with a fault', async () => {
    const board = await SweepBoard.open({ url: redis.url, sweep: '5'.repeat(32) });
    await board.offer({ version: 1, name: 'x', host: 'h', build: other, needs: { datasets: [], files: [] } });
    const refused = new Command('worker', redis.url);
    expect(await refused.ended).toBe(1);
    expect(refused.side).toContain('"BUILD_DIFFERS"');
    expect(refused.side).toContain('commit another there');
    await board.end();
    await board.close();
  });

  test('a sweep of another build than all workers ends with a fault', async () => {
    const others = await SweepWorker.open({
      url: redis.url,
      card: { name: 'other', parallel: 1, build: other },
      judge: () => Promise.resolve(null),
      onSweep: () => undefined,
    });
    const refused = sweep('refused');
    expect(await refused.ended).toBe(1);
    expect(refused.side).toContain('"BUILD_DIFFERS"');
    expect(existsSync(join(folder, 'refused'))).toBe(false);
    await others.close();
  });
});
