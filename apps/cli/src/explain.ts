import pc from 'picocolors';
import { isFault } from '#libs/fault';
import { type Output, writeJson } from './output.ts';

/**
 * Says what went wrong and what to do about it, and gives the exit code: 1 for a fault. Anything else is a bug of ours
 * and goes on as an exception, with its stack.
 */
export function explain(error: unknown, asJson: boolean, output: Output): number {
  if (!isFault(error)) throw error;
  const { code, message, hint, facts } = error;
  if (asJson) writeJson(output, { error: { code, message, hint, facts } });
  else output.write(`${pc.red('error')} ${message}\n  ${hint}\n  ${pc.dim(`docs/errors/${code}.md`)}\n`);
  return 1;
}
