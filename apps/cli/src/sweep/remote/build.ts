import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '#libs/bullmq';
import { Fault } from '#libs/fault';
import { productFolder } from '../../run/manifest.ts';
import { commitOfProduct } from '../commit.ts';

/** What results are made by. Two checkouts may be of one commit and yet differ: it is the files that are compared. */
export function buildOfProduct(): Build {
  const root = productFolder();
  // An image has only what was built of them.
  const folders = existsSync(join(root, 'libs')) ? ['libs', 'apps/cli/src'] : ['dist'];
  const lock = existsSync(join(root, 'package-lock.json')) ? 'package-lock.json' : 'package.json';
  const files = [...[...folders, 'contracts/src'].flatMap((folder) => sourcesIn(root, folder)), lock];
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const content = createHash('sha256').update(readFileSync(join(root, file)));
    hash.update(`${content.digest('hex')} ${file}\n`);
  }
  return {
    commit: commitOfProduct(),
    sources: `0x${hash.digest('hex')}`,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

const sourcesIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|js|sol|json)$/.test(name) && !/\.(?:spec|fixture)\.[tj]s$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);

/** In what another build differs from this one; null: in nothing. */
export function differenceOf(ours: Build, theirs: Build): string | null {
  const differences = [
    ...(ours.sources === theirs.sources ? [] : [sourcesText(ours, theirs)]),
    ...(ours.node === theirs.node ? [] : [`Node ${theirs.node} there, ${ours.node} here`]),
    ...(ours.platform === theirs.platform ? [] : [`${theirs.platform} there, ${ours.platform} here`]),
  ];
  return differences.length === 0 ? null : differences.join('; ');
}

function sourcesText(ours: Build, theirs: Build): string {
  const [here, there] = [ours.commit, theirs.commit].map((commit) => commit ?? 'none');
  return here === there ? `other files, both of commit ${here}` : `commit ${there} there, ${here} here`;
}

/** @throws Fault `BUILD_DIFFERS` if there are others, and all of them are of another build */
export function refuseOtherBuilds(
  ours: Build,
  others: readonly { readonly name: string; readonly build: Build }[],
  place: string,
): void {
  const differences = others.map(({ name, build }) => ({ name, difference: differenceOf(ours, build) }));
  if (differences.length === 0 || differences.some(({ difference }) => difference === null)) return;
  const lines = differences.map(({ name, difference }) => `  ${name}: ${difference ?? ''}`);
  throw new Fault('BUILD_DIFFERS', `At ${place} are only other builds of the product:\n${lines.join('\n')}`, {
    facts: { ours, others: others.map(({ name, build }) => ({ name, build })) },
    hint: 'Bring both to the same commit, with the same Node, on the same kind of machine.',
  });
}
