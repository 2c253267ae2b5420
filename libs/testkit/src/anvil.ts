import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** Foundry's development chain, in a process of its own that speaks JSON-RPC. */
export interface Anvil {
  readonly url: string;
  /** Anything the node answers to, its own methods for tests included. */
  request(method: string, ...params: unknown[]): Promise<unknown>;
  /** Ends the process as an operator would; with a state file it keeps its chain. */
  stop(): Promise<void>;
  /** Ends it at once, without a chance to save anything. */
  kill(): Promise<void>;
  /** Starts it again where it was, after it was stopped or killed. */
  restart(): Promise<void>;
}

export interface AnvilOptions {
  /** Kept from one start to the next. */
  readonly stateFile?: string;
}

/** Where npm has put the executable of this platform. */
export const anvilPath = (): string =>
  createRequire(import.meta.url).resolve(
    `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}/bin/anvil`,
  );

export async function startAnvil({ stateFile }: AnvilOptions = {}): Promise<Anvil> {
  let running = await launch(stateFile, '0');
  const { host } = running;
  const port = host.slice(host.lastIndexOf(':') + 1);
  return {
    url: `http://${host}`,
    request: (method, ...params) => request(`http://${host}`, method, params),
    stop: () => running.end('SIGTERM'),
    kill: () => running.end('SIGKILL'),
    async restart() {
      running = await launch(stateFile, port);
    },
  };
}

interface Running {
  readonly host: string;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

async function launch(stateFile: string | undefined, port: string): Promise<Running> {
  const state = stateFile === undefined ? [] : ['--state', stateFile, '--preserve-historical-states'];
  const child = spawn(anvilPath(), ['--port', port, '--hardfork', 'osaka', ...state], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails must not leave a chain behind.
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  return {
    host: await listening(child),
    async end(signal) {
      child.kill(signal);
      await exited;
      process.removeListener('exit', orphaned);
    },
  };
}

/** The address that the node says it listens on. */
async function listening(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  const errors = createInterface({ input: child.stderr! });
  errors.on('line', (line) => said.push(line));
  for await (const line of createInterface({ input: child.stdout! })) {
    said.push(line);
    const found = /Listening on (\S+)/.exec(line)?.[1];
    if (found !== undefined) {
      child.stdout!.resume(); // nobody reads on, and a full pipe would stop it
      return found;
    }
  }
  throw new Error(`anvil ended before it listened:\n${said.join('\n')}`);
}

async function request(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}
