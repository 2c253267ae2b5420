#!/usr/bin/env node
// The command line, from a checkout: sets up what is missing, then hands over to the built program.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './toolchain.mjs';

const tools = setUp();
const program = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
const { status, signal } = spawnSync(tools.node, [program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: tools.env,
});
process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
