// Finds the Node.js this project runs on. The only requirement on the machine is some Node >= 20 with npm: where it
// is older than 22, Node 22 LTS is taken from the npm registry into .node/ and used for everything, npm included
// (npm skips optional native packages that the running Node is too old for, and Hardhat's EVM is one of them).
//
// This file and its neighbours run before anything is installed, on Node 20: plain JavaScript, no dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, renameSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

// Sources run by Node's own type stripping, which needs no flag from 22.18 on; tools leave the odd majors out.
const OLDEST = { major: 22, minor: 18 };
const PINNED = { 22: '22.23.3', 24: '24.21.0' };

/** Says what set-up does, on stderr, so that the output of the command itself stays clean. */
export function announce(message) {
  process.stderr.write(`[set-up] ${message}\n`);
}

/** Runs a program to its end with inherited output on stderr; a failure ends this process with a hint. */
export function must(program, args, { env = process.env, hint }) {
  const result = spawnSync(program, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (result.status === 0) return;
  const cause = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`;
  announce(`failed: ${[program, ...args].join(' ')}: ${cause}`);
  announce(hint);
  process.exit(1);
}

/** Path of npm's own entry file, so that npm can be run under a Node other than the machine's. */
function npmEntry() {
  const fromNpm = process.env.npm_execpath;
  if (fromNpm && /npm-cli\.[cm]?js$/.test(fromNpm)) return fromNpm;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'npm');
    if (existsSync(candidate) && realpathSync(candidate).endsWith('npm-cli.js'))
      return realpathSync(candidate);
  }
  announce('npm was not found on the PATH. Install it: on Debian, `apt-get install npm`.');
  process.exit(1);
}

/** Installs the given Node major into .node/ if it is not there yet and returns the path of its executable. */
function localNode(major) {
  const version = PINNED[major];
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, '.node', version);
  const inside = join('node_modules', name, 'bin', 'node');
  if (existsSync(join(folder, inside))) return join(folder, inside);
  // Installed beside its place and moved there when it is whole: an interrupted set-up leaves no half Node behind.
  const partial = `${folder}.partial-${process.pid}`;
  announce(`Node ${version} is needed and this is ${process.version}; taking ${name}@${version} into .node/`);
  must(
    process.execPath,
    [
      npmEntry(),
      'install',
      '--prefix',
      partial,
      '--no-save',
      '--no-package-lock',
      '--loglevel=error',
      `${name}@${version}`,
    ],
    {
      hint: `Install Node ${major} yourself and put it first on the PATH, or make the npm registry reachable.`,
    },
  );
  if (!existsSync(folder)) renameSync(partial, folder);
  return join(folder, inside);
}

/** True for a Node that runs everything here: 22.18 or later of the long-term lines, or anything from 26 on. */
function isSupported([major, minor]) {
  return major >= 26 || major === 24 || (major === OLDEST.major && minor >= OLDEST.minor);
}

/**
 * The Node executable to use, the environment that makes child processes find it first, and npm under it.
 * @param {number} [major] one of the pinned versions (tests that compare versions); by default the running Node where
 *   it is supported, else 22.
 */
export function toolchain(major) {
  if (major !== undefined && !Object.hasOwn(PINNED, major)) {
    announce(`Node ${major} is not pinned here; there are: ${Object.keys(PINNED).join(', ')}`);
    process.exit(2);
  }
  const running = process.versions.node.split('.').map(Number);
  const fits = isSupported(running) && (major === undefined || running[0] === major);
  const node = fits ? process.execPath : localNode(major ?? OLDEST.major);
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return { node, env: { ...process.env, PATH: path }, npm: (args) => [npmEntry(), ...args] };
}

/**
 * Updates and models are megabytes that live for moments. Collecting with helpers takes cores from what trains on them, and small
 * young generations and a heap that may hardly grow make it often: a tenth of a round, measured with bench/round (docs/adr/0083, 0086).
 */
export const collector = [
  ...['--single-threaded-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
  ...['--heap-growing-percent=300', '--no-memory-reducer'],
];
