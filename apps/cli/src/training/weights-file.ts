import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '#libs/fault';
import { encode, type Parameters } from '#libs/learning';

/** Writes weights as safetensors. */
export function save(path: string, parameters: Parameters): void {
  const encoded = encode('float32', parameters);
  if (encoded.kind === 'refused')
    throw new Fault('OPTION_INVALID', `${path}: ${encoded.reason}`, { hint: 'Lower the learning rate.' });
  try {
    writeFileSync(path, encoded.bytes);
  } catch (cause) {
    throw cannotSave(path, cause);
  }
}

/** What cannot be written is said before the training rather than after it. */
export function checkTarget(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw cannotSave(path, cause);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw cannotSave(path, new Error('it is a folder'));
}

function cannotSave(path: string, cause: unknown): Fault {
  return new Fault('OPTION_INVALID', `--save: ${path} cannot be written: ${(cause as Error).message}`, {
    facts: { path },
    hint: 'Name a file in a folder that exists and may be written to.',
    cause,
  });
}
