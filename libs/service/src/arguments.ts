import { parseArgs } from 'node:util';
import { Fault } from '#libs/fault';

/** The path behind `--config`. @throws Fault OPTION_INVALID */
export function configurationIn(argv: readonly string[]): string {
  const { values } = parseArgs({ args: argv.slice(2), options: { config: { type: 'string' } } });
  if (values.config !== undefined) return values.config;
  throw new Fault('OPTION_INVALID', 'There is no configuration: --config FILE is missing.', {
    hint: 'flobc up writes one for every node: networks/NAME/nodes/NODE/node.json.',
  });
}
