import { rmSync } from 'node:fs';
import type { RunFolderWriter, RunPlan } from '#libs/experiment';
import { FileJournal, FollowedRun, realClock, Tests } from '#libs/hosted';
import type { Ground, RunObserver, RunResult } from '#libs/simulation';
import { type Manifest, openPost } from '#libs/wire';
import type { LocalNetwork } from './local-network.ts';

export interface LocalRunOptions {
  readonly plan: RunPlan;
  readonly network: LocalNetwork;
  readonly ground: Pick<Ground, 'initial' | 'learner' | 'test'>;
  readonly observer: RunObserver;
  readonly signal: AbortSignal;
  readonly warn: (notices: readonly string[]) => void;
  readonly openFolder: (path: string, ledger: Manifest['ledger']) => RunFolderWriter;
}

/** Follows the run of a network on this machine to its end, or until the signal aborts. */
export async function followLocally(options: LocalRunOptions): Promise<RunResult> {
  const { plan, network, ground, observer, signal } = options;
  const { bus } = network;
  const { run, ledger, blobs } = network.connections;
  const failing = Promise.withResolvers<never>();
  const path = network.place('run');
  // All of it is told again by chain and stream, so that nothing has to be gone on with.
  rmSync(path, { recursive: true, force: true });
  const { chainId, ledger: address, number } = run.domain;
  const folder = options.openFolder(path, { chainId, address, number });
  const journal = await FileJournal.open(network.place('tests.journal'));
  const followed = new FollowedRun({
    plan,
    run,
    world: {
      ...{ clock: realClock, bus, blobs, ledger, post: openPost(run.domain), fail: failing.reject },
      missing: ({ round }) => {
        options.warn([
          `The lineup of round ${round} is not in the object store. Whoever starts now cannot read past it; see "What is not survived" in docs/chaos.md.`,
        ]);
      },
    },
    cast: network.cast.actors,
    ground,
    folder,
    tests: new Tests(journal),
    observer,
    traffic: () => network.meter.use,
    isDown: (actor) => network.isDown(actor),
  });
  try {
    await Promise.race([followed.start(), failing.promise]);
    // Only now, so that nothing of what they do is missed.
    if (!signal.aborted) await network.startNodes();
    await Promise.race([followed.ended, failing.promise, aborted(signal)]);
    if (!signal.aborted) await network.finish();
    return await followed.result();
  } finally {
    await followed.stop();
    folder.close();
    await journal.close();
  }
}

/** Resolves when the signal aborts; at once if it has. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
