import { afterEach, expect, test } from 'vitest';
import { parseRunFile } from '#libs/experiment';
import type { LocalNetwork } from '#libs/local';
import { type NatsUser, openNats, prepareRun, publicKeyOf, serverConfig, streamOf } from '#libs/nats';
import { freePorts, type Nats, startNats } from '#libs/testkit';
import { leadToNats, withNetwork } from '../local/network.ts';
import { checkLedger } from '../simulation/checkers.ts';
import { checkPay, checkRounds } from './checkers.ts';
import { ledgerEvents, Progress } from './progress.ts';

const runFile = `
name: cluster
seed: 1
rounds: 1000
model: logistic
data: { dataset: mnist, samplesPerTrainer: 200, samplesPerValidator: 200, testSamples: 100 }
training: { epochs: 1, batchSize: 32, optimizer: { kind: sgd, learningRate: 0.05 } }
trainers: 3
validators: 3
scheme: { kind: bsp, period: 10 s }
windows: { gathering: 5 min, lineup: 10 s, opening: 10 s, commit: 10 s, reveal: 10 s, settlement: 10 s }
`;
const patienceMs = 120_000;

let servers: readonly Nats[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** Three servers with the users of a network, which its nodes use instead of its one. */
async function startCluster(network: LocalNetwork): Promise<void> {
  const users = usersOf(network);
  const ports = await freePorts(3);
  const routes = ports.map((port) => `127.0.0.1:${port}`);
  const pem = (file: string) => network.place('credentials', file);
  const tls = { certFile: pem('server.pem'), keyFile: pem('server.key'), caFile: pem('ca.pem') };
  servers = await Promise.all(
    ports.map((port, i) => {
      const cluster = { name: 'consortium', host: '127.0.0.1', port, routes };
      return startNats({
        name: `nats-${i}`,
        conf: (place) => serverConfig({ ...place, host: '127.0.0.1', users, cluster, tls }),
      });
    }),
  );
  const hosts = servers.map(({ url }) => new URL(url).host);
  for (const { name } of network.cast.actors) leadToNats(network, name, hosts);
  leadToNats(network, 'scheduler-0', hosts);
}

/** The operator's link to the cluster. */
const openOperator = (network: LocalNetwork) =>
  openNats({ ...network.linkOf('operator'), servers: servers.map(({ url }) => url) });

function usersOf(network: LocalNetwork): NatsUser[] {
  const publicKey = (user: string): string => publicKeyOf(network.linkOf(user).credentials!);
  return [
    ...network.cast.actors.map(({ id, role }) => ({ role, address: id, publicKey: publicKey(id) })),
    ...(['operator', 'observer'] as const).map((role) => ({ role, name: role, publicKey: publicKey(role) })),
    { role: 'scheduler', name: 'scheduler-0', publicKey: publicKey('scheduler-0') },
  ];
}

test('one server of a NATS cluster of three may go, the one that leads too: the run goes on', async () => {
  const { plan } = await parseRunFile(runFile, { file: 'cluster', folder: '.' });
  await withNetwork(plan, async ({ network, warnings }) => {
    const { ledger, run } = network.connections;
    const members = network.cast.actors.map(({ id }) => id);
    const trainers = network.cast.actors.flatMap(({ id, role }) => (role === 'trainer' ? [id] : []));
    await startCluster(network);
    const operator = await openOperator(network);
    await prepareRun(operator, { run: run.domain.run, trainers, replicas: 3 });
    const progress = new Progress(ledger, run.domain.number);
    try {
      await network.startNodes();
      await progress.until(0, patienceMs);
      const { cluster } = await operator.manager.streams.info(streamOf(run.domain.run));
      const leader = servers[Number(cluster!.leader!.split('-')[1])]!;

      const start = performance.now();
      await leader.kill();
      await progress.until((await progress.now()) + 1, patienceMs);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      process.stdout.write(
        `one of three NATS servers is away: round ${progress.settled} ended after ${seconds} s\n`,
      );
      await progress.until(progress.settled + 2, patienceMs);

      await leader.restart();
      await progress.until((await progress.now()) + 1, patienceMs);
    } finally {
      progress.stop();
      await operator.close();
      await network.endNodes();
    }
    const events = await ledgerEvents(ledger);
    expect([
      ...checkRounds(events),
      ...checkLedger(events, plan.protocol.quorum),
      ...(await checkPay(ledger, run.domain.number, members, events)),
    ]).toEqual([]);
    // Nobody had to be started again for it.
    expect(warnings).toEqual([]);
  });
}, 600_000);
