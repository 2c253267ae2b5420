import { isIP } from 'node:net';
import { Fault } from '#libs/fault';
import { allSubjects } from '../names.ts';
import { type NatsUser, linkNameOf, permissionsOf } from './permissions.ts';

/** Files of a server's certificate, its key, and of the authority that nodes and other servers are checked against. */
export interface ServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  /** Whether nodes need a certificate of the authority as well. */
  readonly verifiesNodes?: boolean;
}

export interface ServerConfig {
  readonly name: string;
  readonly host: string;
  /** -1: a free one. */
  readonly port: number;
  /** Where JetStream keeps its files. */
  readonly storeDir: string;
  /** What JetStream may take on disk. */
  readonly maxStoreBytes?: number;
  /** Without users anybody may do everything. */
  readonly users?: readonly NatsUser[];
  readonly tls?: ServerTls;
  readonly cluster?: ClusterConfig;
  /** Port on loopback for health checks (`/healthz`) and statistics. */
  readonly monitorPort?: number;
}

/** A server's place in a cluster. Streams of three replicas want three servers. */
export interface ClusterConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` of the others; its own does no harm. */
  readonly routes: readonly string[];
}

/** More than a chunk of an object with its headers, less than what anybody has to say at once. */
export const maxPayloadBytes = 256 * 1024;

/** The configuration of one server, in nats-server's own language. */
export function serverConfig(config: ServerConfig): string {
  const { name, host, port, storeDir, maxStoreBytes, users, tls, cluster, monitorPort } = config;
  const store = maxStoreBytes === undefined ? [] : [`max_file_store: ${maxStoreBytes}`];
  return lines([
    `server_name: ${quoted(name)}`,
    `host: ${quoted(host)}`,
    `port: ${port}`,
    ...(monitorPort === undefined ? [] : [`http: ${quoted(`127.0.0.1:${monitorPort}`)}`]),
    ...block('jetstream', [`store_dir: ${quoted(storeDir)}`, 'max_memory_store: 0', ...store]),
    limitsConfig(),
    ...(tls === undefined ? [] : [tlsConfig(tls)]),
    ...(users === undefined ? [] : [authorizationConfig(users)]),
    ...(cluster === undefined ? [] : [clusterConfig(cluster, tls)]),
  ]);
}

/** What one connection may send at once, and how long a slow one is waited for. */
export const limitsConfig = (): string =>
  lines([`max_payload: ${maxPayloadBytes}`, 'max_control_line: 4096', 'write_deadline: "10s"']);

export function tlsConfig(tls: ServerTls): string {
  return lines(block('tls', tlsLines(tls, tls.verifiesNodes ?? false)));
}

/**
 * Users by their NKeys, each with what its role may do. Streams are in an account that only the operator logs in to; all
 * others are in one that reaches them by a few services. A request's answer goes to whatever subject the request names, without
 * asking whether its sender may publish there: in the account of the streams it could be a message, a part of somebody's
 * object, or a request to purge them; in the other one nobody listens to such subjects. @throws Fault KEY_INVALID
 */
export function authorizationConfig(users: readonly NatsUser[]): string {
  const names = new Set(users.map(linkNameOf));
  if (names.size < users.length) throw twice(users);
  const isOperator = ({ role }: NatsUser): boolean => role === 'operator';
  const operators = users.filter(isOperator);
  const members = users.filter((user) => !isOperator(user));
  const exported = services.map(
    ({ subject, isStreamed }) =>
      `  { service: ${quoted(subject)}${isStreamed === true ? ', response_type: stream' : ''} }`,
  );
  const imported = services.map(
    ({ subject }) => `  { service: { account: STREAMS, subject: ${quoted(subject)} } }`,
  );
  return lines([
    ...block('authorization', ['timeout: 5']),
    ...block('accounts', [
      ...block('STREAMS', [
        'jetstream: enabled',
        ...['exports: [', ...exported, ']'],
        ...['users: [', ...operators.flatMap(userLines), ']'],
      ]),
      ...block('MEMBERS', [
        ...['imports: [', ...imported, ']'],
        ...['users: [', ...members.flatMap(userLines), ']'],
      ]),
    ]),
  ]);
}

/**
 * What can be reached of the streams, each user by its permissions. JetStream's own subjects are one service, because an
 * account has one of that name by itself, which says that it has no JetStream.
 */
const services: readonly { readonly subject: string; readonly isStreamed?: boolean }[] = [
  { subject: allSubjects },
  { subject: '$O.>' },
  { subject: '$JS.ACK.>' },
  // One request for messages has many answers.
  { subject: '$JS.API.>', isStreamed: true },
];

function userLines(user: NatsUser): string[] {
  if (!/^U[A-Z2-7]{55}$/.test(user.publicKey)) throw notAKey(user);
  const { publish, subscribe } = permissionsOf(user);
  return [
    `  # ${user.role} ${linkNameOf(user)}`,
    '  {',
    `    nkey: ${user.publicKey}`,
    '    permissions {',
    `      publish { allow: ${listed(publish)} }`,
    `      subscribe { allow: ${listed(subscribe)} }`,
    '    }',
    '  }',
  ];
}

function clusterConfig({ name, host, port, routes }: ClusterConfig, tls: ServerTls | undefined): string {
  const urls = routes.map((route) => `nats-route://${route}`);
  return lines(
    block('cluster', [
      `name: ${quoted(name)}`,
      `listen: ${quoted(`${isIP(host) === 6 ? `[${host}]` : host}:${port}`)}`,
      `routes: ${listed(urls)}`,
      // Servers of a consortium know each other by its authority.
      ...(tls === undefined ? [] : block('tls', tlsLines(tls, true))),
    ]),
  );
}

const tlsLines = ({ certFile, keyFile, caFile }: ServerTls, verifies: boolean): string[] => [
  `cert_file: ${quoted(certFile)}`,
  `key_file: ${quoted(keyFile)}`,
  `ca_file: ${quoted(caFile)}`,
  `verify: ${verifies}`,
  'timeout: 5',
];

const block = (name: string, content: readonly string[]): string[] => [
  `${name} {`,
  ...content.map((line) => `  ${line}`),
  '}',
];

const lines = (all: readonly string[]): string => all.join('\n');
const quoted = (text: string): string => JSON.stringify(text);
const listed = (all: readonly string[]): string => `[${all.map(quoted).join(', ')}]`;

const notAKey = (user: NatsUser): Fault =>
  new Fault('KEY_INVALID', `The NKey of the ${user.role} ${linkNameOf(user)} is no public key of a user.`, {
    facts: { role: user.role, name: linkNameOf(user) },
    hint: 'It begins with U and has 56 characters; what begins with SU is its secret, and belongs to the node alone.',
  });

const twice = (users: readonly NatsUser[]): Fault =>
  new Fault('KEY_INVALID', 'Two users of the NATS servers have one name.', {
    facts: { names: users.map(linkNameOf) },
    hint: 'Give each its own: consumers and inboxes go by it.',
  });
