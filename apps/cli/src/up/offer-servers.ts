import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { Fault } from '#libs/fault';
import { type External, insteadOf, missingServers } from '#libs/local';

/**
 * Sees to it that the servers are there that a network needs, besides those that it does not start itself: installs them from
 * Debian's packages where the user is root and says yes. @throws Fault SERVER_MISSING where they are not, with what to do
 */
export async function offerServers(
  externals: readonly External[],
  isAgreed: boolean,
  say: (what: string) => void,
): Promise<void> {
  const missing = missingServers(externals);
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const others = `Or use servers that are there already: ${missing.map(insteadOf).join(', ')}.`;
  if (!canInstall())
    throw notThere(names, `Install them (apt-get install ${names}), or run the file by flobc run. ${others}`);
  if (!isAgreed && !(await agreesTo(`Install ${names} from Debian's packages? [y/N] `)))
    throw notThere(names, `flobc up --yes installs them; or apt-get install ${names}. ${others}`);
  say(`installing ${names}`);
  // Debian starts servers that it installs, on their usual ports; ours need none of that.
  const quietly = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-q'];
  const apt = (...words: string[]) => spawnSync('env', [...quietly, ...words], { encoding: 'utf8' });
  apt('update');
  const { stderr } = apt('install', '-y', '--no-install-recommends', ...missing);
  if (missingServers(externals).length > 0)
    throw notThere(names, `apt-get says: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}

const canInstall = (): boolean =>
  process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;

async function agreesTo(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(question)).trim());
  } finally {
    reader.close();
  }
}

const notThere = (names: string, hint: string): Fault =>
  new Fault('SERVER_MISSING', `${names} is not installed on this machine.`, { facts: { names }, hint });
