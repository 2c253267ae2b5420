import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { DiscardPolicy } from '@nats-io/jetstream';
import { openNats } from '#libs/nats';
import { findProcesses, type LocalNetwork, signalTo } from '#libs/local';
import type { Generator } from '#libs/random';
import type { Proxy } from './proxy.ts';

/** A network, and what can be done to it from outside. */
export interface Scene {
  readonly network: LocalNetwork;
  readonly folder: string;
  /** Draws whom it hits. */
  readonly random: Generator;
  /** Between NATS and one of the Validators. */
  readonly line: Proxy;
}

type Heal = () => Promise<void> | void;

/** Something that breaks. What is killed its supervisor starts again; what does not heal by itself says how. */
export interface WorldFault {
  readonly name: string;
  /** Resolves to what makes it good again; null: it gets well by itself. */
  readonly inflict: (scene: Scene) => Promise<Heal | null>;
  /** How long it lasts: until another round has come to its end in spite of it, or so many ms. */
  readonly lasts?: 'a round' | number;
}

const killed = (name: string, whom: (scene: Scene) => readonly string[]): WorldFault => ({
  name: `${name} killed`,
  async inflict(scene) {
    await Promise.all(whom(scene).map((one) => send(scene, one, 'SIGKILL')));
    return null;
  },
});

export const faults: readonly WorldFault[] = [
  killed('a Trainer is', (scene) => [anyOf(scene, 'trainer-')]),
  killed('a Validator is', (scene) => [anyOf(scene, 'validator-')]),
  killed('the Scheduler is', () => ['scheduler-0']),
  killed('all nodes are', ({ folder }) =>
    findProcesses(folder).flatMap(({ name }) => (/-\d+$/.test(name) ? [name] : [])),
  ),
  killed('NATS is', () => ['nats']),
  killed('Redis is', () => ['redis']),
  killed('the chain is', () => ['chain']),
  {
    name: 'Redis loses all its data',
    async inflict(scene) {
      const redis = new Redis(scene.network.servers.redis.url, { maxRetriesPerRequest: null });
      await redis.flushall();
      redis.disconnect();
      await send(scene, 'redis', 'SIGKILL');
      return null;
    },
  },
  {
    name: 'a Trainer stands still past the deadline',
    lasts: 'a round',
    async inflict(scene) {
      const trainer = anyOf(scene, 'trainer-');
      await send(scene, trainer, 'SIGSTOP');
      return () => send(scene, trainer, 'SIGCONT');
    },
  },
  {
    name: 'a Validator is cut off from NATS',
    lasts: 'a round',
    inflict({ line }) {
      line.cut();
      return Promise.resolve(() => line.open());
    },
  },
  {
    name: 'the object store loses all models',
    async inflict({ network }) {
      const link = await openNats(network.linkOf('operator'));
      await link.manager.streams.purge('OBJ_flobc-models');
      await link.close();
      return null;
    },
  },
  {
    name: 'the object store is full',
    lasts: 3_000,
    async inflict({ network }) {
      const link = await openNats(network.linkOf('operator'));
      const { streams } = link.manager;
      // Not lineups: what one bucket has got since it was listed it makes room for by dropping its oldest, and without those nobody
      // can read the run from its beginning (docs/chaos.md, "What is not survived").
      const before = (await streams.list().next()).filter(({ config: { name } }) =>
        /^OBJ_flobc-(?:models|updates)/.test(name),
      );
      // What they hold is all that they may hold.
      for (const { config, state } of before)
        await streams.update(config.name, {
          ...config,
          max_bytes: state.bytes + 1,
          discard: DiscardPolicy.New,
        });
      return async () => {
        for (const { config } of before) await streams.update(config.name, config);
        await link.close();
      };
    },
  },
];

/** How often it is looked for a process that is being started. */
const lookEveryMs = 50;

function anyOf({ folder, random }: Scene, prefix: string): string {
  const names = findProcesses(folder)
    .flatMap(({ name }) => (name.startsWith(prefix) ? [name] : []))
    .sort();
  return names[random.integer(names.length)]!;
}

/** One that is being started just now is waited for. */
async function send({ folder }: Scene, whom: string, signal: NodeJS.Signals): Promise<void> {
  for (;;) {
    const found = findProcesses(folder).find(({ name }) => name === whom);
    if (found !== undefined && signalTo(found.pid, signal)) return;
    await pause(lookEveryMs);
  }
}
