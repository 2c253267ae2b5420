import { existsSync, readFileSync, statSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import {
  admit,
  type Card,
  ConsortiumFolder,
  createConsortium,
  createMember,
  dismiss,
  memberRoles,
  type MemberRole,
  readCard,
  renewCertificates,
} from '#libs/consortium';
import { Fault } from '#libs/fault';
import { wholeNumber } from '../numbers.ts';
import type { Output } from '../output.ts';
import { askNewPassword } from '../password.ts';

const count = wholeNumber(1_000);
const port = wholeNumber(65_535);
const days = wholeNumber(36_500);
const list = (text: string): string[] => text.split(',').map((item) => item.trim());

const passwordFile = [
  '--password-file <file>',
  'a file with the password of the keys (default: it is asked for)',
] as const;

/** `flobc keys`: what members of a consortium log in and sign with. No command prints a secret. */
export function keysCommand(output: Output = process.stdout): Command {
  return new Command('keys')
    .description('keys, certificates and server configurations of a consortium')
    .addCommand(consortiumCommand(output))
    .addCommand(newCommand(output))
    .addCommand(admitCommand(output))
    .addCommand(dismissCommand(output))
    .addCommand(showCommand(output))
    .addCommand(certificateCommand(output));
}

interface FoundOptions {
  readonly trainers: number;
  readonly validators: number;
  readonly schedulers: number;
  readonly nats: string[];
  readonly natsPort: number;
  readonly clusterPort: number;
  readonly monitorPort: number;
  readonly redis: string;
  readonly chain: string;
  readonly heads?: string;
  readonly passwordFile?: string;
}

const consortiumCommand = (output: Output): Command =>
  new Command('consortium')
    .description('found a consortium in a new folder: members, servers, an authority')
    .argument('<folder>')
    .requiredOption('--trainers <n>', 'how many', count)
    .requiredOption('--validators <n>', 'how many', count)
    .option('--schedulers <n>', 'how many', count, 1)
    .option('--nats <hosts>', 'hosts of the NATS servers as nodes reach them; three make a cluster', list, [
      'localhost',
    ])
    .option('--nats-port <port>', 'where they listen', port, 4222)
    .option('--cluster-port <port>', 'where they listen to each other', port, 6222)
    .option('--monitor-port <port>', 'for health checks on their own machines', port, 8222)
    .option('--redis <url>', 'the queue of the Schedulers', 'redis://localhost:6379')
    .option('--chain <url>', 'JSON-RPC of the chain', 'http://localhost:8545')
    .option('--heads <url>', 'where it tells of new blocks (ws://...)')
    .option(...passwordFile)
    .addHelpText(
      'after',
      `
members/NAME is for that member and has nobody else's secrets; servers/NAME is for the machine of that server;
authority/ca.key stays here. docs/operations.md goes on from there.

Example:
  $ flobc keys consortium our-consortium --trainers 4 --validators 3 --nats a.example,b.example,c.example`,
    )
    .action(async (folder: string, options: FoundOptions) => {
      const password = await askNewPassword(options.passwordFile);
      const {
        trainers,
        validators,
        schedulers,
        nats,
        natsPort,
        clusterPort,
        monitorPort,
        redis,
        chain,
        heads,
      } = options;
      const { members } = await createConsortium(folder, {
        ...{ trainers, validators, schedulers, password, redisUrl: redis },
        nats: { hosts: nats, port: natsPort, clusterPort, monitorPort },
        chain: { url: chain, ...(heads !== undefined && { headsUrl: heads }) },
      });
      for (const card of members) output.write(line(card));
      output.write(
        `${folder}: ${members.length} members, ${nats.length} NATS server(s), Redis, an authority\n`,
      );
    });

const newCommand = (output: Output): Command =>
  new Command('new')
    .description('make the keys of one member; its card, member.json, is for whoever admits it')
    .argument('<folder>', 'where they are put')
    .addOption(new Option('--role <role>').choices(memberRoles).makeOptionMandatory())
    .requiredOption('--name <name>', 'what the member is called')
    .option(...passwordFile)
    .action(
      async (
        folder: string,
        { role, name, passwordFile: file }: { role: MemberRole; name: string; passwordFile?: string },
      ) => {
        output.write(line(await createMember(folder, { role, name }, await askNewPassword(file))));
      },
    );

const admitCommand = (output: Output): Command =>
  new Command('admit')
    .description(
      'take a member in that has made its own keys; afterwards the NATS servers have to read their configuration again',
    )
    .argument('<folder>', 'the consortium')
    .argument('<card>', 'its member.json')
    .action(async (folder: string, cardFile: string) => {
      const card = readCard(cardFile);
      const consortium = new ConsortiumFolder(folder);
      await admit(consortium, card, cardFile);
      output.write(line(card));
      output.write(
        `for it: ${consortium.member(card.name)}; for the servers: ${consortium.place('servers')}\n`,
      );
    });

const dismissCommand = (output: Output): Command =>
  new Command('dismiss')
    .description('let a member in no more; the NATS servers have to read their configuration again')
    .argument('<folder>', 'the consortium')
    .argument('<name>', 'the member')
    .action((folder: string, name: string) => {
      const consortium = new ConsortiumFolder(folder);
      dismiss(consortium, name);
      output.write(`${name} is dismissed; for the servers: ${consortium.place('servers')}\n`);
    });

const showCommand = (output: Output): Command =>
  new Command('show')
    .description('what may be known of a member, or of everybody in a consortium')
    .argument('<folder>', 'of a member or of a consortium')
    .option('--json', 'write JSON')
    .action((folder: string, { json }: { json?: boolean }) => {
      const members = cardsIn(folder);
      if (json === true) output.write(`${JSON.stringify(members)}\n`);
      else for (const { certificateUntil, ...card } of members) output.write(line(card, certificateUntil));
    });

const certificateCommand = (output: Output): Command =>
  new Command('certificate')
    .description(
      'renew certificates from the authority of a consortium: of all servers and members, or of some',
    )
    .argument('<folder>', 'the consortium')
    .argument('[names...]', 'such as nats-0 or trainer-2')
    .option('--days <n>', 'how long they are good for', days, 365)
    .action(async (folder: string, names: string[], { days: good }: { days: number }) => {
      const renewed = await renewCertificates(new ConsortiumFolder(folder), names, good);
      const unknown = names.filter((name) => !renewed.includes(name));
      if (unknown.length > 0)
        throw new Fault('OPTION_INVALID', `${folder} has no ${unknown.join(', ')}.`, {
          facts: { unknown },
          hint: 'flobc keys show lists the members; servers are nats-0, nats-1 and so on.',
        });
      output.write(`renewed for ${good} days: ${renewed.join(', ')}\n`);
    });

type Shown = Card & { readonly certificateUntil: string | null };

function cardsIn(folder: string): Shown[] {
  if (statSync(join(folder, 'consortium.json'), { throwIfNoEntry: false }) === undefined)
    return [{ ...readCard(join(folder, 'member.json')), certificateUntil: endOf(join(folder, 'node.pem')) }];
  const consortium = new ConsortiumFolder(folder);
  return consortium
    .read()
    .members.map((card) => ({ ...card, certificateUntil: endOf(consortium.member(card.name, 'node.pem')) }));
}

const endOf = (certificate: string): string | null =>
  existsSync(certificate) ? new X509Certificate(readFileSync(certificate)).validToDate.toISOString() : null;

const line = ({ name, role, address, nkey }: Card, until: string | null = null): string =>
  `${name.padEnd(14)}  ${role.padEnd(9)}  ${(address ?? '').padEnd(42)}  ${nkey}${until === null ? '' : `  until ${until}`}\n`;
