import { execFileSync } from 'node:child_process';

/** The commit of the product that this runs from, `-changed` where files differ from it; null outside a checkout. */
export function commitOfProduct(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', import.meta.dirname, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    }).trim();
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD');
    // Only what a run is made of: notes and results may be written while a sweep runs.
    const changed = git('status', '--porcelain', '--', ':/libs', ':/contracts/src', ':/package-lock.json');
    return changed === '' ? commit : `${commit}-changed`;
  } catch {
    return null;
  }
}
