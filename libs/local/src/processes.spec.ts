import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Command, endProcesses, findProcesses, killProcesses, Processes } from './processes.ts';
import { Supervisor } from './supervisor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-network-'));
});
afterEach(() => {
  killProcesses(folder);
  rmSync(folder, { recursive: true });
});

/** A process that waits for ever; its command line names the folder, as those of a network do. */
const waiting = (name: string): Command => ({
  name,
  path: process.execPath,
  args: ['-e', 'setInterval(() => undefined, 1e6)', folder],
});

const namesOf = (): string[] => findProcesses(folder).map(({ name }) => name);

test('processes are found again by their folder, and ended, servers last', async () => {
  const processes = new Processes(folder);
  const order: string[] = [];
  for (const name of ['nats', 'trainer-0', 'chain'])
    void processes.start(waiting(name)).ended.then(() => order.push(name));
  expect(namesOf().sort()).toEqual(['chain', 'nats', 'trainer-0']);
  await endProcesses(folder, 10_000);
  expect(namesOf()).toEqual([]);
  expect(order[0]).toBe('trainer-0');
});

test('a number that belongs to a process of somebody else is left alone', async () => {
  new Processes(folder);
  writeFileSync(join(folder, 'pids', 'trainer-0'), String(process.pid));
  expect(namesOf()).toEqual([]);
  expect(await endProcesses(folder, 0)).toEqual([]);
});

test('what is ended at once is gone before anybody could have been asked', async () => {
  const running = new Processes(folder).start(waiting('trainer-0'));
  killProcesses(folder);
  expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a supervisor starts what ends again, and says so; what it has ended itself stays so', async () => {
  const processes = new Processes(folder);
  const told: string[] = [];
  const restarted = Promise.withResolvers<undefined>();
  let starts = 0;
  const supervisor = new Supervisor({
    onEnded: (name, { signal }) => told.push(`${name} ${signal}`),
    onFailed: (name) => told.push(`${name} failed`),
  });
  const start = () => {
    if (++starts === 2) return Promise.reject(new Error('not yet'));
    const running = processes.start(waiting('trainer-0'));
    if (starts === 3) restarted.resolve(undefined);
    return Promise.resolve(running);
  };
  const first = await supervisor.keep('trainer-0', start);
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  expect(supervisor.isDown('trainer-0')).toBe(true);
  await restarted.promise;
  expect(told).toEqual(['trainer-0 SIGKILL', 'trainer-0 failed']);
  // In the very moment of the third start, when nobody has been told of it yet.
  await supervisor.endAll(10_000);
  expect(namesOf()).toEqual([]);
  expect({ starts, told: told.length }).toEqual({ starts: 3, told: 2 });
});

test('what is still being started when all is ended does not outlive that', async () => {
  const processes = new Processes(folder);
  const supervisor = new Supervisor({ onEnded: () => undefined, onFailed: () => undefined });
  const { promise: isReady, resolve: beReady } = Promise.withResolvers<undefined>();
  const first = supervisor.keep('nats', async () => {
    const running = processes.start(waiting('nats'));
    await isReady;
    return running;
  });
  const failing = supervisor.keep('redis', () => Promise.reject(new Error('not installed')));
  await expect(failing).rejects.toThrow('not installed');
  const ended = supervisor.endAll(10_000);
  beReady(undefined);
  await Promise.all([first, ended]);
  expect(namesOf()).toEqual([]);
});
