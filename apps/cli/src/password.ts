import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Fault } from '#libs/fault';
import { passwordIn } from '#libs/wire';

/** Shorter ones are found by trying. */
const shortest = 8;

/** A password from the file that is named, or from the terminal, where it is not seen. @throws Fault OPTION_INVALID */
export async function askPassword(file: string | undefined, question: string): Promise<string> {
  if (file !== undefined) return readPassword(file);
  if (!process.stdin.isTTY)
    throw new Fault('OPTION_INVALID', 'There is no terminal to ask for the password.', {
      hint: 'Give it as a file: --password-file FILE.',
    });
  return ask(question);
}

/** The same for a password that is to be: long enough, and typed twice. @throws Fault OPTION_INVALID */
export async function askNewPassword(file: string | undefined): Promise<string> {
  const password = await askPassword(file, 'Password for the new keys: ');
  if (password.length < shortest)
    throw new Fault('OPTION_INVALID', `The password has fewer than ${shortest} characters.`, {
      hint: 'Take a longer one: it is all that protects a keystore that somebody has copied.',
    });
  if (file === undefined && (await ask('Once more: ')) !== password)
    throw new Fault('OPTION_INVALID', 'The two passwords differ.', { hint: 'Type it twice the same.' });
  return password;
}

/** @throws Fault OPTION_INVALID */
export function readPassword(file: string): string {
  try {
    return passwordIn(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Fault('OPTION_INVALID', `The password file cannot be read: ${(cause as Error).message}`, {
      facts: { file },
      hint: 'Name a file that holds the password and nothing else.',
      cause,
    });
  }
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  // What is typed is echoed into nothing.
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}
