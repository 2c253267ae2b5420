import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of this repository from its source, and waits until it has ended by itself. */
export function runSource(
  file: string,
  args: readonly string[],
  { nodeOptions = [], cwd = root }: { readonly nodeOptions?: readonly string[]; readonly cwd?: string } = {},
): Promise<Finished> {
  const options = [...nodeOptions, '--conditions=source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...options, join(root, file), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => { resolve({ code, stdout, stderr }); }); // prettier-ignore
  });
}
