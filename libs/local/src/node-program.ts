import { fileURLToPath } from 'node:url';
import type { NodeFile } from '#libs/config';

/** Nest's decorators have to be compiled: a node's program is the built one, also where this file is not. */
const built = import.meta.url.endsWith('.ts') ? '../../../dist/' : '../../../';

/** The program of a role's process; it takes `--config FILE`. */
export const nodeProgram = (role: NodeFile['role']): string =>
  fileURLToPath(new URL(`${built}apps/${role}/src/main.js`, import.meta.url));
