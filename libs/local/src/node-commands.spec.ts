import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadNodeFile, readSecrets } from '#libs/config';
import { configurationDigest, parseRunFile, planJson } from '#libs/experiment';
import { openSigner } from '#libs/wire';
import { localCast } from './cast.ts';
import { Credentials } from './credentials.ts';
import { NetworkFolder, nothingExternal } from './network-folder.ts';
import { nodeCommand, nodesOf } from './node-commands.ts';
import type { LocalServers } from './servers/servers.ts';

let path: string;
beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'flobc-network-'));
});
afterAll(() => {
  rmSync(path, { recursive: true });
});

test('every node of a network is told what it has to know, in a file of its own that is in order', async () => {
  const text = 'name: told\ntrainers: 2\nvalidators: 3\n';
  const { plan } = await parseRunFile(text, { file: 'told.yaml', folder: '.' });
  const folder = new NetworkFolder(path);
  writeFileSync(folder.place('plan.json'), JSON.stringify(planJson(plan)));
  const cast = localCast(plan, folder);
  const credentials = new Credentials(folder, cast);
  await credentials.certify();
  const run = { ledger: cast.sponsor.address, number: 4 };
  const network = {
    ...({
      format: 'flobc.network',
      version: 1,
      name: 'told',
      isOver: false,
      external: nothingExternal(),
    } as const),
    ...{ configuration: configurationDigest(plan), ports: { nats: 1, redis: 2, chain: 3 }, run },
  };
  // Of servers only where they are goes into a file.
  const servers = {
    nats: { urls: ['nats://127.0.0.1:1'] },
    redis: { url: 'redis://127.0.0.1:2' },
    chain: { place: { url: 'http://127.0.0.1:3', headsUrl: 'ws://127.0.0.1:3' } },
    ports: network.ports,
  } as unknown as LocalServers;
  const nodes = nodesOf(cast);
  expect(nodes.map(({ name }) => name)).toEqual([
    ...['trainer-0', 'trainer-1', 'validator-0', 'validator-1', 'validator-2', 'scheduler-0'],
  ]);
  for (const node of nodes) {
    const { args } = nodeCommand(node, { folder, network, servers, logins: credentials, planFolder: path });
    expect(args.at(-3)).toMatch(new RegExp(`dist/apps/${node.role}/src/main.js$`));
    const file = args.at(-1)!;
    const { config } = await loadNodeFile(file, { role: node.role, variables: {} });
    expect(config).toMatchObject({
      name: node.name,
      folder: folder.place('nodes', node.name),
      run: {
        ...run,
        source: { kind: 'plan', folder: path },
        position: node.role === 'scheduler' ? null : node.position,
      },
      chain: servers.chain.place,
      workers: 1,
    });
    const { privateKey, credentials: seed } = await readSecrets(config);
    expect(openSigner(privateKey).address).toBe(node.id);
    expect(seed).toMatch(/^SU/);
    for (const secret of [file, (config.key as { localFile: string }).localFile])
      expect(statSync(secret).mode & 0o077).toBe(0);
    expect(existsSync(config.nats.credentialsFile!)).toBe(true);
  }
});
