import { readFile } from 'node:fs/promises';
import { passwordIn, plainKeyIn, readKeystore } from '#libs/wire';
import type { NodeConfig, Password } from './resolve.ts';

/** What a node must not tell anybody. */
export interface NodeSecrets {
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** The NKey seed of its user at NATS. */
  readonly credentials: string | undefined;
  /** With the password in it. */
  readonly redisUrl: string | undefined;
  /** The texts by which any of them would be known in an output. */
  readonly texts: readonly string[];
}

/** Reads what the configuration only points at. @throws Fault KEY_INVALID */
export async function readSecrets({ key, nats, redis }: NodeConfig): Promise<NodeSecrets> {
  const keyPassword = await passwordOf(key);
  const privateKey = await privateKeyIn(key, keyPassword);
  const credentials = nats.credentialsFile && (await readFile(nats.credentialsFile, 'utf8')).trim();
  const redisPassword = redis && (await passwordOf(redis));
  const redisUrl = redis && withPassword(redis.url, redisPassword);
  const inUrl = redisUrl === undefined ? '' : decodeURIComponent(new URL(redisUrl).password);
  const known = [Buffer.from(privateKey).toString('hex'), keyPassword, credentials, redisPassword, inUrl];
  const texts = known.filter((text): text is string => text !== undefined && text !== '');
  return { privateKey, credentials, redisUrl, texts };
}

/** undefined where there is none. */
async function passwordOf({ password, passwordFile }: Password): Promise<string | undefined> {
  if (passwordFile === undefined) return password;
  return passwordIn(await readFile(passwordFile, 'utf8'));
}

async function privateKeyIn(key: NodeConfig['key'], password = ''): Promise<Uint8Array> {
  if ('keystoreFile' in key) return readKeystore(await readFile(key.keystoreFile, 'utf8'), password);
  return plainKeyIn(await readFile(key.localFile, 'utf8'));
}

function withPassword(address: string, password: string | undefined): string {
  if (password === undefined) return address;
  const url = new URL(address);
  url.password = encodeURIComponent(password);
  return url.href;
}
