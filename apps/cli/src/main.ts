import { explain } from './explain.ts';
import { program } from './program.ts';

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error, process.argv.includes('--json'), process.stderr);
}
