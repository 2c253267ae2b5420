import { Command } from 'commander';
import { positiveInteger } from '../numbers.ts';
import { onInterrupt, processSignals } from '../run/interrupt.ts';
import { workerReport } from '../sweep/remote/worker-report.ts';

interface Options {
  readonly parallel?: number;
  readonly name?: string;
  readonly files?: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
}

/** `flobc worker`: this machine runs trials of the sweeps at a Redis. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run trials of sweeps that are handed out with flobc sweep --workers')
    .argument('<url>', 'the Redis: redis://HOST:PORT, or rediss:// for TLS')
    .option('--parallel <n>', 'trials at a time (default: what cores and memory bear)', positiveInteger)
    .option('--name <name>', 'what it is called in reports (default: host and process)')
    .option(
      '--files <folder>',
      'where datasets and models that run files name by path are (default: nowhere)',
    )
    .option('--password-file <file>', 'a file with the password of Redis')
    .option('--json', 'write JSON lines, as where the output is no terminal')
    .addHelpText(
      'after',
      `
It works for every sweep that is handed out there by the same build of the product, for several in turn, until it is ended.
Ctrl-C: it ends the trials that it has begun; once more: it gives them back. One that is killed loses nothing but its time.

Whoever can write to that Redis can have this machine compute: give it a password, and TLS where the network is not yours.

Examples:
  $ flobc worker redis://HOST:6379
  $ flobc worker redis://HOST:6379 --parallel 8 --files /data/tables`,
    )
    .action(async (url: string, options: Options) => {
      const stop = new AbortController();
      const giveBack = new AbortController();
      const report = workerReport(process.stdout, options.json === true || !process.stdout.isTTY);
      const stopListening = onInterrupt(processSignals, {
        first: () => {
          stop.abort();
          report.stopping();
        },
        again: () => {
          if (giveBack.signal.aborted) processSignals.end();
          giveBack.abort();
        },
        hide: () => undefined,
      });
      processSignals.onReaderGone(() => {
        stop.abort();
        giveBack.abort();
      });
      try {
        // Loaded when it is needed: the command's help does not wait for it.
        const { work } = await import('../sweep/remote/work.ts');
        await work(url, { ...options, report, stop: stop.signal, giveBack: giveBack.signal });
      } finally {
        stopListening();
      }
    });
}
