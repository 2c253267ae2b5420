// Brings a checkout to the state in which every command works: Node, dependencies, build. Idempotent; each part is
// skipped when a stamp says that it was done for exactly these inputs.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { announce, must, root, toolchain } from './toolchain.mjs';

const dependencyStamp = join(root, 'node_modules', '.flobc-dependencies');
const buildStamp = join(root, 'dist', '.flobc-build');

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function writeStamp(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function installDependencies(tools) {
  const lock = join(root, 'package-lock.json');
  const key = createHash('sha256')
    .update(readFileSync(lock))
    .update(readFileSync(join(root, '.npmrc')))
    .digest('hex');
  if (readIfThere(dependencyStamp) === key) return;
  announce('installing dependencies from package-lock.json (about 700 MB, a minute or two)');
  must(tools.node, tools.npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']), {
    env: tools.env,
    hint: `Check that the npm registry can be reached (\`npm ping\`), then run the command again.`,
  });
  writeStamp(dependencyStamp, key);
}

/** Newest modification among the files that go into the build, in ms. */
function newestSource() {
  let newest = 0;
  const visit = (path) => {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      if (path.endsWith('node_modules')) return;
      for (const name of readdirSync(path)) visit(join(path, name));
    }
    newest = Math.max(newest, stat.mtimeMs);
  };
  for (const place of ['apps', 'libs', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    visit(join(root, place));
  return newest;
}

export function build(tools, { force = false } = {}) {
  const key = String(newestSource());
  if (!force && readIfThere(buildStamp) === key) return;
  announce('building');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  // One compilation makes all of them: the projects share their configuration.
  must(tools.node, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'cli'], {
    env: tools.env,
    hint: 'The sources do not compile; the messages above say where.',
  });
  writeStamp(buildStamp, key);
}

const lock = join(root, '.setup-lock');

/** One set-up at a time: a second command waits for the first instead of installing into the same folder. */
function locked(work) {
  for (let said = false; ; said = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = Number(readIfThere(lock));
      if (!isAlive(holder)) rmSync(lock, { force: true });
      else if (!said) announce(`waiting for the set-up of another command (process ${holder})`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  process.once('exit', unlock);
  work();
  unlock();
}

function unlock() {
  if (readIfThere(lock) === String(process.pid)) rmSync(lock, { force: true });
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Node and dependencies, and the build unless told otherwise. */
export function setUp({ withBuild = true, major } = {}) {
  let tools;
  locked(() => {
    tools = toolchain(major);
    installDependencies(tools);
    if (withBuild) build(tools);
  });
  return tools;
}
