import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf, type NodeFile, parseNodeFile, readSecrets } from '#libs/config';
import { configurationDigest, loadRunFile, policyOf, type RunPlan } from '#libs/experiment';
import { openNats, prepareRun } from '#libs/nats';
import { type LogContext, openLog } from '#libs/observe';
import type { Ledger } from '#libs/ports';
import { generator } from '#libs/random';
import { live } from '#libs/service';
import { castOf, deploy } from '#libs/simulation';
import {
  type JsonRpcWorld,
  jsonRpcWorld,
  type Nats,
  type RedisServer,
  startNats,
  startRedis,
} from '#libs/testkit';
import { openSigner, type Signer } from '#libs/wire';

const runFile = `
name: hosted
seed: 7
rounds: 3
model: logistic
data:
  dataset: { kind: csv, path: train.csv, testPath: test.csv, label: is }
  samplesPerTrainer: 20
  samplesPerValidator: 20
trainers: 2
validators: 3
limits: { minTrainers: 2 }
windows: { gathering: 1 h }
`;

/** Points left and right of a line: enough for a model to have something to learn. */
export function table(rows: number): string {
  const random = generator(rows);
  const lines = Array.from({ length: rows }, () => {
    const [x, y] = [random.normal(), random.normal()];
    return `${x.toFixed(3)},${y.toFixed(3)},${x + y > 0 ? 'above' : 'below'}`;
  });
  return ['x,y,is', ...lines, ''].join('\n');
}

/** A run that has been created and joined by its cast, on real servers; nodes live in this process. */
export interface HostedWorld {
  readonly plan: RunPlan;
  readonly ledger: Ledger;
  readonly run: bigint;
  readonly nats: Nats;
  readonly redis: RedisServer;
  readonly world: JsonRpcWorld;
  readonly sponsor: Signer;
  path(name: string): string;
  /** Brings a node to life. @param file What its file says besides where everything is. */
  start(
    node: Type,
    file: Partial<NodeFile> & Pick<NodeFile, 'role'>,
    privateKey: Uint8Array,
  ): Promise<LivingNode>;
  close(): Promise<void>;
}

export interface LivingNode {
  readonly lines: readonly string[];
  /** Resolves to what it has written once it has written the words. */
  said(words: string): Promise<Record<string, unknown>>;
  get(path: string): Promise<{ status: number; text: string }>;
  /** Asks it to end; resolves to the exit code that its process would have. */
  end(): Promise<number>;
  /** Resolves to that without being asked. */
  readonly ended: Promise<number>;
}

export async function openHostedWorld(): Promise<HostedWorld> {
  const root = mkdtempSync(join(tmpdir(), 'flobc-hosted-'));
  const path = (name: string) => join(root, name);
  writeFileSync(path('run.yaml'), runFile);
  writeFileSync(path('train.csv'), table(200));
  writeFileSync(path('test.csv'), table(50));
  const { plan } = await loadRunFile(path('run.yaml'));
  const [nats, redis, world] = await Promise.all([startNats(), startRedis(), jsonRpcWorld()]);
  const sponsor = await world.signer('sponsor');
  const cast = castOf(plan, generator(plan.seed));
  for (const { id } of cast) await world.anvil.request('anvil_setBalance', id, '0x21e19e0c9bab2400000');
  const { ledger, run } = await deploy(plan, world.chain, await policyOf(plan, root), sponsor, cast);
  const link = await openNats({ servers: [nats.url], name: 'operator' });
  await prepareRun(link, { run: configurationDigest(plan), trainers: cast.map(({ id }) => id) });
  await link.close();
  const living: LivingNode[] = [];
  return {
    ...{ plan, ledger, run, nats, redis, world, sponsor, path },
    async start(node, file, privateKey) {
      const folder = path(`${file.role}-${living.length}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'key'), Buffer.from(privateKey).toString('hex'));
      const whole = {
        folder: 'state',
        run: { file: '../run.yaml', ledger: ledger.addresses.ledger, number: Number(run) },
        chain: { url: world.anvil.url, pollMs: 50 },
        nats: { servers: [nats.url] },
        redis: { url: redis.url },
        key: { localFile: 'key' },
        log: { level: 'trace' },
        ...file,
      };
      const started = await begin(node, JSON.stringify(whole), join(folder, 'node.json'));
      living.push(started);
      return started;
    },
    async close() {
      await Promise.all(living.map((one) => one.end()));
      await Promise.all([nats.close(), redis.close(), world.close()]);
      rmSync(root, { recursive: true });
    },
  };
}

async function begin(node: Type, text: string, path: string): Promise<LivingNode> {
  const { config } = await parseNodeFile(text, path, { variables: {} });
  const secrets = await readSecrets(config);
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const to = {
    write(line: string) {
      lines.push(line);
      for (const look of waiting.splice(0)) look();
    },
  };
  const context: LogContext = {};
  const log = openLog({ level: config.log.level, actor: config.name, context, secrets: secrets.texts, to });
  const asked = Promise.withResolvers<undefined>();
  const ended = live(
    node,
    { config, secrets, log, context },
    asked.promise.then(() => undefined),
  ).then(
    () => 0,
    (error: unknown) => {
      log.fatal({ err: error }, 'failed');
      return exitCodeOf(error);
    },
  );
  const said = async (words: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const found = lines.find((line) => line.includes(words));
      if (found !== undefined) return JSON.parse(found) as Record<string, unknown>;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    lines,
    said,
    ended,
    async get(what) {
      const { url } = await said('reading the chain');
      const response = await fetch(`${url as string}${what}`);
      return { status: response.status, text: await response.text() };
    },
    end() {
      asked.resolve(undefined);
      return ended;
    },
  };
}

/** A key that nobody else has. */
export const keyNamed = (name: string): { privateKey: Uint8Array; signer: Signer } => {
  const privateKey = Buffer.alloc(32, name);
  return { privateKey, signer: openSigner(privateKey) };
};
