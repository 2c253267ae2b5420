import { Fault } from '#libs/fault';
import { readPassword } from '../../password.ts';

/** Where a Redis is, and what may be said of it. */
export interface RedisAddress {
  /** With user and password: for nobody's eyes. */
  readonly url: string;
  readonly shown: string;
}

/** @throws Fault `OPTION_INVALID`, which does not repeat what it was given: there may be a password in it */
export function redisAddress(text: string, passwordFile: string | undefined): RedisAddress {
  const url = URL.parse(text);
  const isOne = url !== null && /^rediss?:$/.test(url.protocol) && /^\/?\d*$/.test(url.pathname);
  if (!isOne || url.hostname === '')
    throw new Fault('OPTION_INVALID', 'The address of Redis is none.', {
      hint: 'Give it as redis://HOST:PORT, or rediss://HOST:PORT for TLS; special characters of a password as %XX.',
    });
  if (passwordFile !== undefined) url.password = encodeURIComponent(readPassword(passwordFile));
  return { url: url.href, shown: `${url.protocol}//${url.host}${url.pathname.replace(/^\/$/, '')}` };
}

/** A word of a command line as it may be written down. */
export const withoutPassword = (word: string): string => word.replace(/(rediss?:\/\/)[^/\s]*@/, '$1***@');
