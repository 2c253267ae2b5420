#!/usr/bin/env node
// The command line, from a checkout: sets up what is missing, then hands over to the built program.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { collector, root } from './toolchain.mjs';

const tools = setUp();
const program = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
const child = spawn(tools.node, [...collector, program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: tools.env,
});
// Ctrl-C reaches the program from the terminal, and it may have something to finish: this process waits for that.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (status, signal) => process.exit(status ?? (signal === 'SIGINT' ? 130 : 1)));
