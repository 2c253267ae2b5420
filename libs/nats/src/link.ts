import { randomInt } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import {
  type Authenticator,
  connect,
  type ConnectionOptions,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import { Fault } from '#libs/fault';
import type { Cancel } from '#libs/ports';
import { greetingOf, hostOf } from './greeting.ts';
import { connectFault, ownCertificateFault } from './link-faults.ts';
import { inboxOf } from './names.ts';

/** PEM texts. A certificate of one's own is needed only where servers ask for one. */
export interface LinkTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface LinkOptions {
  /** `host:port`, `nats://host:port`, or `tls://host:port`, each a server of the same cluster. */
  readonly servers: readonly string[];
  readonly tls?: LinkTls;
  /** NKey seed of a user (`SU...`), a creds file of NATS, or `USER:PASSWORD`. */
  readonly credentials?: string;
  /** Of the node, as in the server's configuration: its inbox and its consumer are named after it. */
  readonly name: string;
  /** How long to look for a server that is not there (yet) when the process starts. */
  readonly patienceMs?: number;
  /** How long one attempt to connect may take. */
  readonly connectMs?: number;
  /** Longest pause between two attempts to connect again. */
  readonly longestPauseMs?: number;
}

export type LinkState = 'connected' | 'disconnected';

/** Bytes and messages since the link was opened, of everything that goes over it. */
export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

const shortestPauseMs = 50;
const defaultConnectMs = 5_000;
const pingMs = 10_000;
const longestWaitMs = 60_000;
/** How long one request to JetStream may take; a lost connection ends it at once. */
export const requestMs = 3_000;

/** Opens a connection that is made again for ever once it has been made. @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
export async function openNats(options: LinkOptions): Promise<NatsLink> {
  const backOff = new BackOff(options.longestPauseMs ?? 2_000);
  const connection = await patientConnect(options, backOff);
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: requestMs });
  return new NatsLink(options.name, connection, manager, backOff);
}

/** A connection to NATS that all parts of one node share. */
export class NatsLink {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly #backOff: BackOff;
  #state: LinkState = 'connected';
  #listeners: readonly ((state: LinkState) => void)[] = [];

  constructor(name: string, connection: NatsConnection, manager: JetStreamManager, backOff: BackOff) {
    this.name = name;
    this.connection = connection;
    this.manager = manager;
    this.jetstream = jetstream(connection, { timeout: requestMs });
    this.#backOff = backOff;
    void this.#watch();
  }

  get state(): LinkState {
    return this.connection.isClosed() ? 'disconnected' : this.#state;
  }

  get isClosed(): boolean {
    return this.connection.isClosed();
  }

  get traffic(): Traffic {
    const { inBytes, outBytes, inMsgs, outMsgs } = this.connection.stats();
    return { bytesIn: inBytes, bytesOut: outBytes, messagesIn: inMsgs, messagesOut: outMsgs };
  }

  /** Calls at every change of state, closing included. */
  onState(call: (state: LinkState) => void): Cancel {
    this.#listeners = [...this.#listeners, call];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== call);
    };
  }

  /** Resolves at the next change of state, or after some time; what waits looks again. */
  changed(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        cancel();
        resolve();
      };
      // Longer than what timers can do, a timer does not wait at all.
      const timer = setTimeout(done, Math.min(withinMs, longestWaitMs));
      const cancel = this.onState(done);
    });
  }

  /** Ends the connection; what is under way is sent before. */
  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Without a server there is nothing to drain to, and nobody who would say that it is drained.
    if (this.#state === 'connected') await this.connection.drain().catch(() => undefined);
    await this.connection.close();
    this.#become('disconnected');
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' || status.type === 'close') this.#become('disconnected');
      else if (status.type === 'reconnect') {
        this.#backOff.reset();
        this.#become('connected');
      } else if (status.type === 'reconnecting') this.#backOff.grow();
    }
  }

  #become(state: LinkState): void {
    if (state === this.#state && state === 'connected') return;
    this.#state = state;
    for (const call of this.#listeners) call(state);
  }
}

/** Pauses that double, each shortened by chance, so that nodes do not come back all at once. */
class BackOff {
  readonly #longestMs: number;
  #pauseMs = shortestPauseMs;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  get pauseMs(): number {
    return this.#pauseMs - randomInt(Math.ceil(this.#pauseMs / 2));
  }

  grow(): void {
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#longestMs);
  }

  reset(): void {
    this.#pauseMs = shortestPauseMs;
  }
}

async function patientConnect(options: LinkOptions, backOff: BackOff): Promise<NatsConnection> {
  const { servers, tls, credentials, patienceMs = 10_000, connectMs = defaultConnectMs } = options;
  const own = ownCertificateFault(tls?.cert, new Date());
  if (own !== null) throw own;
  const asked = { servers, hasTls: speaksTls(options), hasCredentials: credentials !== undefined };
  const settings = settingsOf(options, backOff);
  const since = performance.now();
  for (;;) {
    try {
      return await connect(settings);
    } catch (error) {
      const greeting = await greetingOf(servers, connectMs);
      const fault = connectFault(error, { ...asked, greeting });
      const left = since + patienceMs - performance.now();
      if (fault.code === 'BUS_REFUSED' || left <= 0) throw fault;
      await new Promise((resolve) => setTimeout(resolve, Math.min(backOff.pauseMs, left)));
      backOff.grow();
    }
  }
}

function settingsOf(options: LinkOptions, backOff: BackOff): ConnectionOptions {
  const { servers, credentials, name, connectMs = defaultConnectMs } = options;
  return {
    servers: [...servers],
    name,
    inboxPrefix: inboxOf(name),
    reconnect: true,
    maxReconnectAttempts: -1,
    // An operator who corrects the server's configuration need not restart all nodes.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => backOff.pauseMs,
    timeout: connectMs,
    pingInterval: pingMs,
    // Only the servers that are named: of others nobody has said how they are called in their certificates.
    ignoreClusterUpdates: true,
    ...(speaksTls(options) && { tls: { ...options.tls, ...identityOf(servers) } }),
    ...(credentials === undefined ? {} : { authenticator: authenticatorOf(credentials) }),
  };
}

/** Without an authority of its own a node believes those that Node does. */
const speaksTls = ({ tls, servers }: LinkOptions): boolean =>
  tls !== undefined || servers.some((server) => server.startsWith('tls://'));

/**
 * The client upgrades a connection that it has made already, and then Node does not know any more to which address: it would
 * compare the certificate with "localhost".
 */
function identityOf(servers: readonly string[]): { checkServerIdentity: typeof checkServerIdentity } {
  const hosts = servers.map((server) => hostOf(server).host);
  return {
    checkServerIdentity(_, certificate) {
      const outcomes = hosts.map((host) => checkServerIdentity(host, certificate));
      return outcomes.includes(undefined) ? undefined : outcomes[0];
    },
  };
}

function authenticatorOf(text: string): Authenticator {
  const [, user, password] = /^([^\s:]+):(.*)$/.exec(text.trim()) ?? [];
  if (user !== undefined) return usernamePasswordAuthenticator(user, password);
  const bytes = new TextEncoder().encode(text.trim());
  try {
    const isJwt = text.includes('BEGIN NATS USER JWT');
    const authenticator = isJwt ? credsAuthenticator(bytes) : nkeyAuthenticator(bytes);
    authenticator('probe');
    return authenticator;
  } catch (cause) {
    throw new Fault('BUS_REFUSED', 'The credentials of this node are no NKey seed.', {
      hint: 'A seed is a line that begins with SU, as it was made for this member; a creds file or USER:PASSWORD will do, too.',
      cause,
    });
  }
}
