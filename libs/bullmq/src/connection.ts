import { Redis } from 'ioredis';
import { Fault } from '#libs/fault';

export interface RedisOptions {
  /** `redis://HOST:PORT`, with a user and password where it asks for them. */
  readonly url: string;
  /** How long to wait for Redis when the process starts. */
  readonly patienceMs?: number;
  /** Told of what goes wrong while it runs; it goes on by itself when Redis is back. */
  readonly onTrouble?: (error: Error) => void;
}

const longestPauseMs = 2_000;

export function settingsOf(url: string) {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 6379),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1) || 0),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    // BullMQ's workers wait for ever; a command that waits for a connection must not fail.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), longestPauseMs),
  };
}

/** A connection that has been answered. @throws Fault QUEUE_UNREACHABLE */
export async function connected({ url, patienceMs = 10_000, onTrouble }: RedisOptions): Promise<Redis> {
  const connection = new Redis({ ...settingsOf(url), lazyConnect: true });
  connection.on('error', (error: Error) => onTrouble?.(error));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(unreachable(url));
    }, patienceMs);
  });
  try {
    await Promise.race([connection.connect().catch(() => undefined), late]);
    await Promise.race([connection.ping(), late]);
    return connection;
  } catch (error) {
    connection.disconnect();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const unreachable = (url: string): Fault =>
  new Fault('QUEUE_UNREACHABLE', `There is no Redis at ${new URL(url).host}.`, {
    facts: { host: new URL(url).host },
    hint: 'Check that redis-server runs, its host and port, and its password.',
  });
