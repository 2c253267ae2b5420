import { readFileSync } from 'node:fs';
import { Fault } from '#libs/fault';
import type { ExternalServers } from '#libs/local';
import { openSigner, plainKeyIn, readKeystore, type Signer } from '#libs/wire';
import { askPassword } from '../password.ts';

/** What `flobc up` is told of servers that are there already. */
export interface ExternalOptions {
  readonly nats?: string;
  readonly natsCredentials?: string;
  readonly natsCa?: string;
  readonly redis?: string;
  readonly chain?: string;
  readonly chainKey?: string;
  readonly passwordFile?: string;
}

/** Addresses, and what the files hold that are named. @throws Fault OPTION_INVALID, KEY_INVALID */
export async function readExternal(options: ExternalOptions): Promise<ExternalServers> {
  const { nats, natsCredentials, natsCa, redis, chain, chainKey, passwordFile } = options;
  requireWith('--nats', nats, { '--nats-credentials': natsCredentials, '--nats-ca': natsCa });
  requireWith('--chain', chain, { '--chain-key': chainKey });
  return {
    ...(nats !== undefined && { nats: readNats(nats, natsCredentials, natsCa) }),
    ...(redis !== undefined && {
      redis: address('--redis', inArgument('--redis', redis), ['redis', 'rediss']),
    }),
    ...(chain !== undefined && {
      chain: address('--chain', inArgument('--chain', chain), ['http', 'https']),
    }),
    ...(chainKey !== undefined && { payer: await readKey(chainKey, passwordFile) }),
  };
}

function readNats(
  given: string,
  credentialsFile: string | undefined,
  caFile: string | undefined,
): NonNullable<ExternalServers['nats']> {
  const urls = inArgument('--nats', given)
    .split(',')
    .map((url) => new URL(address('--nats', url.trim(), ['nats', 'tls'])));
  const login = urls.find(({ username }) => username !== '');
  const credentials =
    credentialsFile === undefined
      ? login && loginIn(login)
      : contentOf('--nats-credentials', credentialsFile);
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(credentials !== undefined && { credentials }),
    ...(caFile !== undefined && { ca: contentOf('--nats-ca', caFile) }),
  };
}

const loginIn = ({ username, password }: URL): string =>
  `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;

async function readKey(file: string, passwordFile: string | undefined): Promise<Signer> {
  const text = contentOf('--chain-key', file);
  if (!text.trimStart().startsWith('{')) return openSigner(plainKeyIn(text));
  return openSigner(await readKeystore(text, await askPassword(passwordFile, `Password of ${file}: `)));
}

/** What others on this machine must not see among the arguments is in a file. */
const inArgument = (option: string, text: string): string =>
  text.startsWith('@') ? contentOf(option, text.slice(1)).trim() : text;

function address(option: string, text: string, schemes: readonly string[]): string {
  if (URL.canParse(text) && schemes.some((scheme) => text.startsWith(`${scheme}://`))) return text;
  const forms = schemes.map((scheme) => `${scheme}://`).join(' or ');
  // Not what was given: there may be a password in it.
  throw new Fault('OPTION_INVALID', `${option} is no address that begins with ${forms}.`, {
    facts: { option },
    hint: `For instance ${option} ${schemes[0]!}://HOST:PORT; @FILE names a file that holds it.`,
  });
}

function contentOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('OPTION_INVALID', `The file of ${option} cannot be read: ${(cause as Error).message}`, {
      facts: { option, file },
      hint: `Name a file that is there: ${option} FILE.`,
      cause,
    });
  }
}

function requireWith(needed: string, given: string | undefined, others: Record<string, string | undefined>) {
  const named = Object.keys(others).filter((option) => others[option] !== undefined);
  if (given !== undefined || named.length === 0) return;
  throw new Fault('OPTION_INVALID', `${named.join(', ')} without ${needed}.`, {
    facts: { options: named },
    hint: `Say ${needed} URL too.`,
  });
}
