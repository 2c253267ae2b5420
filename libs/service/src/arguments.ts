import { parseArgs } from 'node:util';
import { Fault } from '#libs/fault';

/** The path behind `--config`. @throws Fault OPTION_INVALID */
export function configurationIn(argv: readonly string[]): string {
  const { values } = parseArgs({ args: argv.slice(2), options: { config: { type: 'string' } } });
  if (values.config !== undefined) return values.config;
  throw new Fault('OPTION_INVALID', 'There is no configuration: --config FILE is missing.', {
    hint: 'docs/node-files.md says what is in one; flobc up writes one for every node of a network on this machine.',
  });
}
