import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redisAddress, withoutPassword } from './address.ts';

test.each([
  ['redis://host', 'redis://host'],
  ['redis://host:6380/2', 'redis://host:6380/2'],
  ['rediss://me:secret@host:6380', 'rediss://host:6380'],
  ['redis://:se%2Fcret@[::1]:1', 'redis://[::1]:1'],
])('of %s only the place is shown', (text, shown) => {
  expect(redisAddress(text, undefined).shown).toBe(shown);
});

test.each([
  '',
  'host:6379',
  'http://secret@host',
  'redis://:secret@',
  'redis://:secret/@host',
  'redis://h/secret',
])('%j is refused without being repeated', (text) => {
  let fault: unknown;
  try {
    redisAddress(text, undefined);
  } catch (error) {
    fault = error;
  }
  expect(fault).toMatchObject({ code: 'OPTION_INVALID' });
  expect(JSON.stringify(fault) + String(fault)).not.toContain('secret');
});

test('a password may be in a file, with whatever characters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flobc-address-'));
  writeFileSync(join(folder, 'password'), 'a/b%41 @:\n');
  const { url, shown } = redisAddress('redis://host:1', join(folder, 'password'));
  expect(decodeURIComponent(new URL(url).password)).toBe('a/b%41 @:');
  expect(shown).toBe('redis://host:1');
  rmSync(folder, { recursive: true });
});

test('a command line is written down without it', () => {
  expect(withoutPassword('redis://me:se@cret@host:1')).toBe('redis://***@host:1');
  expect(withoutPassword('--workers=rediss://:secret@host')).toBe('--workers=rediss://***@host');
  expect(withoutPassword('redis://host:1')).toBe('redis://host:1');
});
