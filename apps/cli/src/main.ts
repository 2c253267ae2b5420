import { explain } from './explain.ts';
import { program } from './program.ts';

// As any command whose reader has gone, such as `head`: 128 + SIGPIPE.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(141);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error, process.argv.includes('--json'), process.stderr);
}
