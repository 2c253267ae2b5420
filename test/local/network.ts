import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunPlan } from '#libs/experiment';
import { killProcesses, LocalNetwork } from '#libs/local';

/** A network of processes in a folder of its own. Programs are those of dist/: `npm test` builds them first. */
export interface TestNetwork {
  readonly network: LocalNetwork;
  readonly folder: string;
  /** What its supervisor had to warn of: processes that ended without being asked to. */
  readonly warnings: readonly string[];
}

/**
 * Starts servers and contracts for a plan, lets the work be done, and ends everything, however that goes. The folder, with
 * everybody's logs, stays where the work failed.
 */
export async function withNetwork<T>(plan: RunPlan, work: (network: TestNetwork) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'flobc-network-'));
  const warnings: string[] = [];
  try {
    const network = await LocalNetwork.start({
      ...{ plan, folder, planFolder: process.cwd(), say: () => undefined },
      warn: (lines) => void warnings.push(...lines),
    });
    let result: T;
    try {
      result = await work({ network, folder, warnings });
    } finally {
      await network.end();
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    return result;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error([said, ...warnings, `Its logs are in ${join(folder, 'logs')}.`].join('\n'), { cause });
  } finally {
    killProcesses(folder);
  }
}

/** Before the nodes are started: one of them is to reach NATS at these servers, `HOST:PORT` each. */
export function leadToNats(network: LocalNetwork, node: string, hosts: readonly string[]): void {
  const [url] = network.servers.nats.urls as [string];
  const urls = hosts.map((host) => url.replace(new URL(url).host, host));
  const file = network.place('nodes', node, 'node.json');
  const configuration = readFileSync(file, 'utf8');
  // Wherever it stands in there, it is one of a list.
  writeFileSync(file, configuration.replaceAll(quoted([url]), quoted(urls)));
}

const quoted = (texts: readonly string[]): string => texts.map((text) => JSON.stringify(text)).join(', ');
