import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A nats-server with JetStream, in a process and with a folder of its own. */
export interface Nats {
  /** `nats://127.0.0.1:PORT`; the port stays over restarts. */
  readonly url: string;
  readonly port: number;
  /** Its files: the configuration and what JetStream keeps. */
  readonly folder: string;
  /** Ends the process as an operator would. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again, where it was and with what it had kept. @param conf Another configuration from now on. */
  restart(conf?: NatsConf): Promise<void>;
  /** Makes it stand still, and go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Gives it another configuration, which it reads without a restart. */
  reload(conf: NatsConf): void;
  /** Ends it for good and removes its folder. */
  close(): Promise<void>;
}

export interface NatsOptions {
  /** What of its configuration comes on top (TLS, users, limits), or all of it. */
  readonly conf?: NatsConf;
  /** Port; 0: a free one. */
  readonly port?: number;
  readonly name?: string;
  /** What relative paths of the configuration are relative to. */
  readonly cwd?: string;
}

export type NatsConf = string | ((place: NatsPlace) => string);

/** Where a server is put. */
export interface NatsPlace {
  readonly name: string;
  /** -1: a free one. */
  readonly port: number;
  readonly storeDir: string;
}

const executable = 'nats-server';

/** Starts a server on a free port. */
export async function startNats({
  conf = '',
  port = 0,
  name = 'nats',
  cwd,
}: NatsOptions = {}): Promise<Nats> {
  const folder = mkdtempSync(join(tmpdir(), 'flobc-nats-'));
  let extra = conf;
  let running = await launch(folder, name, port, extra, cwd);
  const chosen = running.port;
  return {
    url: `nats://127.0.0.1:${chosen}`,
    port: chosen,
    folder,
    stop: () => running.end('SIGTERM'),
    kill: () => running.end('SIGKILL'),
    async restart(changed = extra) {
      extra = changed;
      await running.end('SIGKILL');
      running = await launch(folder, name, chosen, extra, cwd);
    },
    signal(signal) {
      running.child.kill(signal);
    },
    reload(changed) {
      extra = changed;
      writeConf(folder, name, chosen, extra);
      running.child.kill('SIGHUP');
    },
    async close() {
      await running.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

function writeConf(folder: string, name: string, port: number, conf: NatsConf): string {
  const file = join(folder, 'nats.conf');
  const place = { name, port: port === 0 ? -1 : port, storeDir: join(folder, 'jetstream') };
  writeFileSync(file, typeof conf === 'string' ? usual(place, conf) : conf(place), { mode: 0o600 });
  return file;
}

async function launch(
  folder: string,
  name: string,
  port: number,
  conf: NatsConf,
  cwd: string | undefined,
): Promise<Running> {
  const file = writeConf(folder, name, port, conf);
  const child = spawn(executable, ['-c', file], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  // A test that fails must not leave a server behind.
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      hasEnded = true;
      process.removeListener('exit', orphaned);
      resolve();
    });
  });
  return {
    child,
    port: await listening(child),
    async end(signal) {
      if (!hasEnded) child.kill(signal);
      // One that was made to stand still cannot end in any other way.
      if (signal === 'SIGTERM') child.kill('SIGCONT');
      await ended;
    },
  };
}

function usual({ name, port, storeDir }: NatsPlace, conf: string): string {
  const own = [
    `server_name: ${name}`,
    'host: 127.0.0.1',
    `port: ${port}`,
    `jetstream { store_dir: ${JSON.stringify(storeDir)} }`,
  ];
  return `${[...own, conf].join('\n')}\n`;
}

/** The port that the server says it listens on, once it is ready. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    let port = 0;
    child.once('error', (error) => {
      reject(missing(error));
    });
    const lines = createInterface({ input: child.stderr! });
    lines.on('line', (line) => {
      port = Number(/Listening for client connections on \S*:(\d+)/.exec(line)?.[1] ?? port);
      if (said.length < 100) said.push(line);
      if (line.includes('Server is ready')) resolve(port);
    });
    lines.on('close', () => {
      reject(new Error(`nats-server ended before it listened:\n${said.join('\n')}`));
    });
  });
}

function missing(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return error;
  return new Error('nats-server is not installed: apt-get install nats-server', { cause: error });
}
