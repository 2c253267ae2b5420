import { join } from 'node:path';
import { type ActorId, isActor } from '#libs/protocol';
import { z } from 'zod';
import { cardSchema, parsed } from './card.ts';
import { writePublic } from './secret-file.ts';

const port = z.int().min(1).max(65_535);

const schema = z.strictObject({
  format: z.literal('flobc.consortium'),
  version: z.literal(1),
  nats: z.strictObject({
    /** Where nodes reach the servers; three make a cluster. */
    hosts: z.array(z.string().min(1)).min(1),
    port,
    clusterPort: port,
    /** Health checks and statistics of a server, on its own machine only. */
    monitorPort: port,
  }),
  redisUrl: z.string(),
  chain: z.strictObject({ url: z.string(), headsUrl: z.string().optional() }),
  members: z.array(cardSchema),
  /** Names of those whom the servers let in no more. They keep their places: what others have goes by them. */
  dismissed: z.array(z.string()),
  /** null until the run is created. */
  run: z
    .strictObject({ ledger: z.custom<ActorId>(isActor, 'an address'), number: z.int().min(0) })
    .nullable(),
});

/** Everything about a consortium that is not secret. */
export type ConsortiumFile = z.output<typeof schema>;

/** The folder that a consortium is founded in. What is in `members/NAME` is for that member, the rest for the founder. */
export class ConsortiumFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws Fault CONSORTIUM_INVALID */
  read(): ConsortiumFile {
    return parsed(schema, this.file, 'a consortium');
  }

  write(file: ConsortiumFile): void {
    writePublic(this.file, `${JSON.stringify(file, null, 2)}\n`);
  }

  get file(): string {
    return this.place('consortium.json');
  }

  member(name: string, ...parts: string[]): string {
    return this.place('members', name, ...parts);
  }

  server(name: string, ...parts: string[]): string {
    return this.place('servers', name, ...parts);
  }

  place(...parts: string[]): string {
    return join(this.path, ...parts);
  }
}
