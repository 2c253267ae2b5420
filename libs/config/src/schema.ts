import { z } from 'zod';
import { dataset } from '#libs/experiment';
import { type ActorId, isActor } from '#libs/protocol';

// The file of a node: what an operator writes. Shape, bounds and defaults are here and nowhere else; messages,
// `docs/node-files.md` and `docs/schemas/node.schema.json` are made of it. What depends on several values is in `resolve.ts`.

const text = () => z.string().min(1).max(4096);
const path = (what: string) => text().describe(`${what}.`);

const urlForm = (schemes: readonly string[]) =>
  `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
const url = (...schemes: readonly string[]) =>
  text()
    .refine((given) => URL.canParse(given) && schemes.includes(new URL(given).protocol.slice(0, -1)))
    .meta({ form: urlForm(schemes), secret: 'url' });

const address = z
  .custom<ActorId>((given) => isActor(given))
  .meta({ form: 'an address: 0x and 40 lower-case hexadecimal digits' });

export const roles = ['trainer', 'validator', 'scheduler'] as const;

export const nodeFile = z.strictObject({
  role: z.enum(roles).describe('What the node does.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    .optional()
    .meta({
      form: 'a name of letters, digits, dots, hyphens and underscores, at most 64',
      derived: 'role-position, or the role',
    })
    .describe('In logs.'),
  folder: path('Where the node writes down what it has promised: one folder a node, on a disk that stays'),
  run: z
    .strictObject({
      file: path('The run file that the run was created from').optional(),
      plan: path('Or its plan, as flobc up writes it').optional(),
      folder: path('What paths in the plan are relative to')
        .optional()
        .meta({ derived: 'the folder of the run file or of the plan' }),
      ledger: address.describe('The contract RunLedger.'),
      number: z.int().min(0).describe('The number of the run on that ledger.'),
      position: z
        .int()
        .min(0)
        .max(999_999)
        .optional()
        .describe('Place among the Trainers or Validators of the run file; needed without data of its own.'),
    })
    .describe('The run that it takes part in.'),
  chain: z
    .strictObject({
      url: url('http', 'https').describe('JSON-RPC of an EVM chain.'),
      headsUrl: url('ws', 'wss').optional().describe('Where the chain tells of new blocks by itself.'),
      pollMs: z
        .int()
        .min(50)
        .max(60_000)
        .default(1_000)
        .describe('Pause between two questions for news, in ms.'),
      staleAfterMs: z
        .int()
        .min(1_000)
        .optional()
        .describe('The node is not ready when the newest block is older, in ms; absent: of any age.'),
    })
    .describe('The chain.'),
  nats: z
    .strictObject({
      servers: z
        .array(text().meta({ secret: 'url' }))
        .min(1)
        .describe('host:port of each server of the cluster.'),
      name: text()
        .optional()
        .meta({ derived: 'the address of the key; of a Scheduler its name' })
        .describe('The user, as the servers know it.'),
      credentialsFile: path('The NKey seed of that user').optional(),
      tls: z
        .strictObject({
          caFile: path('Certificates of authorities that sign servers, PEM'),
          certFile: path("The node's own certificate, PEM").optional(),
          keyFile: path('And its key, PEM').optional(),
        })
        .optional()
        .describe('Absent: without encryption.'),
    })
    .describe('The message bus.'),
  redis: z
    .strictObject({
      url: url('redis', 'rediss').describe('The queue that Schedulers share.'),
      password: text().optional().meta({ secret: 'value' }).describe('Its password; better a file.'),
      passwordFile: path('A file with its password').optional(),
    })
    .optional()
    .describe('Needed by a Scheduler.'),
  key: z
    .strictObject({
      keystoreFile: path('An encrypted Ethereum keystore, version 3').optional(),
      password: text().optional().meta({ secret: 'value' }).describe('Its password; better a file.'),
      passwordFile: path('A file with its password').optional(),
      localFile: path('Or the plain key, 64 hexadecimal digits: for networks on one machine only').optional(),
    })
    .describe('The private key that the node signs with.'),
  http: z
    .strictObject({
      host: text().default('127.0.0.1').describe('Where /metrics and /health are.'),
      port: z.int().min(0).max(65_535).default(0).describe('0: a free one, which the log names.'),
    })
    .prefault({})
    .describe('What a supervisor asks.'),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info')
        .describe('What is worth a line.'),
    })
    .prefault({})
    .describe('The log, JSON lines on the standard output.'),
  workers: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .meta({ derived: 'the cores' })
    .describe('Threads that train and score.'),
  stopMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(4_000)
    .describe('How long the node may take to end when it is asked to, in ms.'),
  data: z
    .strictObject({
      dataset: dataset.describe('A dataset as run files name them, and where its files are.'),
    })
    .meta({ shorthand: 'dataset' })
    .optional()
    .describe("The operator's own data, instead of a part of the run's."),
});

/** What somebody writes. */
export type NodeFile = z.input<typeof nodeFile>;
/** With its defaults. */
export type NodeSettings = z.output<typeof nodeFile>;
