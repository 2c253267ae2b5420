import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from './free-ports.ts';

/** A redis-server in a process and with a folder of its own, that writes everything down. */
export interface RedisServer {
  /** `redis://127.0.0.1:PORT`; the port stays over restarts. */
  readonly url: string;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again, with what it had kept or with nothing. */
  restart(keeps: 'everything' | 'nothing'): Promise<void>;
  /** Ends it for good and removes its folder. */
  close(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'flobc-redis-'));
  const [port] = (await freePorts(1)) as [number];
  let running = await launch(folder, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => running.end(),
    async restart(keeps) {
      await running.end();
      if (keeps === 'nothing') rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true });
      running = await launch(folder, port);
    },
    async close() {
      await running.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, port: number): Promise<{ end(): Promise<void> }> {
  const options = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', ''];
  const child = spawn('redis-server', [...options, '--appendonly', 'yes', '--appendfsync', 'always'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // A test that fails must not leave a server behind.
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      process.removeListener('exit', orphaned);
      resolve();
    }),
  );
  await ready(child);
  return {
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once('error', (error: NodeJS.ErrnoException) => {
      const message = 'redis-server is not installed: apt-get install redis-server';
      reject(error.code === 'ENOENT' ? new Error(message, { cause: error }) : error);
    });
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
    lines.on('close', () => {
      reject(new Error(`redis-server ended before it listened:\n${said.join('\n')}`));
    });
  });
}
