import { createReadStream, existsSync, statSync, watchFile } from 'node:fs';
import { Command } from 'commander';
import { Fault } from '#libs/fault';
import { endProcesses, externalsOf, findProcesses, forgetNetwork, logOf, networksHere } from '#libs/local';
import type { Output } from '../output.ts';

interface NetworkOptions {
  readonly network?: string;
  readonly json?: boolean;
}

const networkOption = [
  '--network <folder>',
  'the network (default: the one in networks/ that runs)',
] as const;

/** `flobc ps`: what runs of the networks on this machine. */
export function psCommand(output: Output = process.stdout): Command {
  return new Command('ps')
    .description('list the processes of the networks on this machine that flobc up has started')
    .option(...networkOption)
    .option('--json', 'write JSON')
    .action(({ network, json }: NetworkOptions) => {
      const folders = network === undefined ? networksHere() : [network];
      const rows = folders.flatMap(rowsOf);
      if (json === true) output.write(`${JSON.stringify(rows)}\n`);
      else if (rows.length === 0) output.write('nothing runs; flobc up starts a network\n');
      else
        for (const { name, pid, external, network: folder } of rows) {
          const at = external === null ? '' : `  ${external}`;
          output.write(`${String(pid ?? 'external').padStart(8)}  ${name.padEnd(14)}  ${folder}${at}\n`);
        }
    });
}

/** What runs of a network: its processes, and with them the servers that it uses and has not started. */
function rowsOf(network: string) {
  const ours = findProcesses(network).map((one) => ({ ...one, external: null, network }));
  if (ours.length === 0) return [];
  return [
    ...ours,
    ...externalsOf(network).map(({ name, host }) => ({ name, pid: null, external: host, network })),
  ];
}

/** `flobc down`: ends what runs of a network. */
export function downCommand(output: Output = process.stdout): Command {
  return new Command('down')
    .description('end a network that flobc up has started; what it knows stays in its folder')
    .option(...networkOption)
    .option('--forget', 'remove, too, what the network that is named has in servers that are not its own')
    .option('--json', 'write JSON')
    .action(async ({ network, forget, json }: NetworkOptions & { readonly forget?: boolean }) => {
      if (forget === true && network === undefined) throw nothingToForget();
      const folders = network === undefined ? networksHere() : [network];
      const ended = [];
      for (const folder of folders) ended.push(...(await endProcesses(folder, graceMs)));
      const left = forget === true ? await forgetNetwork(network!) : [];
      if (json === true) output.write(`${JSON.stringify(ended)}\n`);
      else {
        const names = ended.map(({ name }) => name).join(', ');
        output.write(ended.length === 0 ? 'nothing ran\n' : `ended ${names}\n`);
        for (const { name, host } of left) output.write(`removed what it had in ${name} at ${host}\n`);
      }
    });
}

const nothingToForget = (): Fault =>
  new Fault('OPTION_INVALID', '--forget without --network.', {
    hint: 'Name the network that is given up: --network FOLDER. It does not go on afterwards.',
  });

const graceMs = 5_000;

interface LogsOptions extends NetworkOptions {
  readonly follow?: boolean;
}

/** `flobc logs NODE`: what a process of a network has written. */
export function logsCommand(output: NodeJS.WritableStream = process.stdout): Command {
  return new Command('logs')
    .description(
      'print the log of a node or server of a network: trainer-0, validator-2, scheduler-0, nats, redis, chain',
    )
    .argument('<node>')
    .option(...networkOption)
    .option('-f, --follow', 'go on printing what is written')
    .action(async (node: string, { network, follow }: LogsOptions) => {
      const folders = network === undefined ? networksHere() : [network];
      const folder = folders.find((one) => findProcesses(one).length > 0) ?? folders.at(-1);
      const file = folder === undefined ? undefined : logOf(folder, node);
      if (file === undefined || !existsSync(file)) throw noLog(node, folders);
      await print(file, 0, output);
      if (follow === true) followFile(file, output);
    });
}

const print = (file: string, start: number, output: NodeJS.WritableStream): Promise<void> =>
  new Promise((resolve, reject) => {
    createReadStream(file, { start })
      .once('end', resolve)
      .once('error', reject)
      .on('data', (chunk) => output.write(chunk));
  });

function followFile(file: string, output: NodeJS.WritableStream): void {
  let printed = statSync(file).size;
  watchFile(file, { interval: 250 }, ({ size }) => {
    const from = printed;
    printed = size;
    if (size > from) void print(file, from, output);
  });
}

const noLog = (node: string, folders: readonly string[]): Fault =>
  new Fault('OPTION_INVALID', `There is no log of "${node}".`, {
    facts: { node, networks: folders },
    hint: 'flobc ps lists what runs; --network names the folder of a network.',
  });
