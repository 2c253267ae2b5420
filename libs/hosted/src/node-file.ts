import { readFileSync } from 'node:fs';
import { type ActorId, isActor } from '#libs/protocol';
import { z } from 'zod';

const schema = z.strictObject({
  role: z.enum(['trainer', 'validator', 'scheduler']),
  name: z.string(),
  position: z.int().min(0),
  folder: z.string(),
  plan: z.strictObject({ file: z.string(), folder: z.string() }),
  run: z.strictObject({ ledger: z.custom<ActorId>(isActor), number: z.int().min(0) }),
  chain: z.strictObject({ url: z.string(), headsUrl: z.string() }),
  nats: z.strictObject({
    servers: z.array(z.string()),
    name: z.string(),
    credentialsFile: z.string(),
    tls: z.strictObject({ caFile: z.string() }),
  }),
  redis: z.strictObject({ url: z.string() }),
  key: z.strictObject({ localFile: z.string() }),
  http: z.strictObject({ host: z.string(), port: z.int() }),
  workers: z.int().min(1),
});

export type NodeFile = z.output<typeof schema>;

export const readNodeFile = (path: string): NodeFile => schema.parse(JSON.parse(readFileSync(path, 'utf8')));
