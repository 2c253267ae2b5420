import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '#libs/experiment';
import { Fault } from '#libs/fault';

/** Only the owner of the file may read it. */
export const secretMode = 0o600;

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

export function writeSecret(path: string, text: string): void {
  makeFolder(dirname(path));
  replaceFile(path, text, secretMode);
}

export function writePublic(path: string, text: string): void {
  makeFolder(dirname(path));
  replaceFile(path, text, 0o644);
}

/** Keys are never written over: what was done with them cannot be done with others. @throws Fault CONSORTIUM_INVALID */
export function requireFree(path: string): void {
  if (!existsSync(path)) return;
  throw new Fault('CONSORTIUM_INVALID', `${path} is there already: keys are not written over.`, {
    facts: { path },
    hint: 'Name a new folder, or move this one away.',
  });
}
