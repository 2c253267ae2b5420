import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { replaceFile, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import { type ActorId, type Digest, isActor, isDigest } from '#libs/protocol';
import { z } from 'zod';

const port = z.int().min(0).max(65_535);
const digest = z.custom<Digest>(isDigest);
const actor = z.custom<ActorId>(isActor);

/** Servers that were there already: neither started nor ended. The addresses may have passwords in them; null: the network's own. */
const external = z.strictObject({
  nats: z.array(z.string()).nullable(),
  redis: z.string().nullable(),
  chain: z.string().nullable(),
  /** By this the network knows again what it has made in them. */
  mark: z.string(),
});

export const nothingExternal = (): z.output<typeof external> => ({
  ...{ nats: null, redis: null, chain: null },
  mark: `a network of flobc up, ${randomBytes(16).toString('hex')}`,
});

const schema = z.strictObject({
  format: z.literal('flobc.network'),
  version: z.literal(1),
  name: z.string(),
  /** Of the run's configuration: another run file is another network. */
  configuration: digest,
  /** What the servers listen on; 0 until they have been started once. */
  ports: z.strictObject({ nats: port, redis: port, chain: port }),
  external: external.default(nothingExternal),
  /** Where the run is on the chain; null until it is created, funded and joined by everybody. */
  run: z.strictObject({ ledger: actor, number: z.int().min(0) }).nullable(),
  /** True when the run has ended: what comes next is another one. */
  isOver: z.boolean(),
});

/** A network on this machine, as its folder remembers it. */
export type Network = z.output<typeof schema>;

/** The folder of a network: everything that it is, so that it can be started again, moved away, or thrown away. */
export class NetworkFolder {
  /** Absolute, because the processes of the network are known by it. */
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** What was written; null in a folder that is not one of a network yet. @throws Fault NETWORK_INVALID */
  read(): Network | null {
    const file = this.place('network.json');
    if (!existsSync(file)) return null;
    const parsed = schema.safeParse(jsonOf(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new Fault('NETWORK_INVALID', `${file} does not describe a network.`, {
      facts: { file },
      hint: 'Remove the folder to begin anew, or take the file back from a backup.',
    });
  }

  write(network: Network): void {
    mkdirSync(this.path, { recursive: true });
    replaceFile(this.place('network.json'), `${JSON.stringify(network, null, 2)}\n`, 0o600);
  }

  place(...parts: string[]): string {
    return join(this.path, ...parts);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The folder in which a plan's network goes on, or the next free one: `networks/NAME-SEED-N`. */
export function networkFolderFor(
  plan: Pick<RunPlan, 'name' | 'seed'>,
  configuration: Digest,
  base = 'networks',
): string {
  const stem = `${plan.name}-${plan.seed.replace(/[^\w.-]+/g, '-').slice(0, 32)}`;
  for (let n = 1; ; n++) {
    const path = join(base, `${stem}-${n}`);
    if (!existsSync(path)) return path;
    const network = new NetworkFolder(path).read();
    if (network === null || (network.configuration === configuration && !network.isOver)) return path;
  }
}

/** The networks that have been started from this folder, the newest last. */
export function networksHere(base = 'networks'): string[] {
  if (!existsSync(base)) return [];
  const folders = readdirSync(base).map((name) => resolve(base, name));
  const startedMs = (folder: string): number => statSync(join(folder, 'network.json')).mtimeMs;
  return folders
    .filter((folder) => existsSync(join(folder, 'network.json')))
    .sort((a, b) => startedMs(a) - startedMs(b));
}
