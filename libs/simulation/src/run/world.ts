import { Follower, Models, type Recall, type Run, UpdateOpener } from '#libs/node';
import type { RunPlan } from '#libs/experiment';
import type { Ledger, RunLog } from '#libs/ports';
import { openPost, type Post } from '#libs/wire';
import type { SimulatedLedger } from '../ledger/simulated-ledger.ts';
import { MemoryBlobs } from '../network/memory-blobs.ts';
import { MemoryBus } from '../network/memory-bus.ts';
import { Network } from '../network/network.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Ground } from './ground.ts';
import { recallFor } from './recipes.ts';

/** One place on the simulated network, and what follows the run from there. */
export interface Site {
  readonly name: string;
  readonly follower: Follower;
  readonly models: Models;
  /** Opens updates for whoever is here; made when first asked for, since Trainers rarely need it. */
  opener(): UpdateOpener;
}

/** The network that a plan describes. Whoever is down hears of what it has missed when it is up again, as of a stream. */
export function networkOf({ network }: RunPlan, ground: Ground, startMs: number): Network {
  const cut = network.crashes.map(({ site, atMs, downMs }) => ({
    fromMs: atMs,
    toMs: atMs + downMs,
    sites: [site],
  }));
  const partitions = [...network.partitions, ...cut].map(({ fromMs, toMs, sites }) => ({
    fromMs: startMs + fromMs,
    toMs: startMs + toMs,
    sites,
  }));
  const model = { ...network, partitions, crashes: [] };
  return new Network(model, ground.random.split('network'));
}

/** Everything that the sites of a run share. */
export class World {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly bus: MemoryBus;
  readonly blobs: MemoryBlobs;
  readonly ledger: SimulatedLedger;
  readonly post: Post;
  readonly recall: Recall;
  readonly #run: Run;
  readonly #plan: RunPlan;
  readonly #ground: Ground;
  readonly #sites = new Map<string, Site>();
  #fault: { readonly error: unknown } | null = null;

  constructor(
    time: VirtualTime,
    network: Network,
    ledger: SimulatedLedger,
    run: Run,
    plan: RunPlan,
    ground: Ground,
  ) {
    this.time = time;
    this.network = network;
    this.ledger = ledger;
    this.bus = new MemoryBus(time, network);
    this.blobs = new MemoryBlobs(time, network);
    this.post = openPost(run.domain);
    this.recall = recallFor(plan);
    this.#run = run;
    this.#plan = plan;
    this.#ground = ground;
  }

  get sites(): readonly Site[] {
    return [...this.#sites.values()];
  }

  /** What went wrong where nobody was waiting, if anything did. */
  get fault(): { readonly error: unknown } | null {
    return this.#fault;
  }

  site(name: string, log?: RunLog): Site {
    const known = this.#sites.get(name);
    if (known !== undefined) return known;
    const blobs = this.blobs.at(name);
    const ledger: Ledger = this.ledger.at(name);
    const follower = new Follower(this.#run, {
      clock: this.time,
      bus: this.bus.at(name),
      blobs,
      ledger,
      post: this.post,
      ...(log === undefined ? {} : { log }),
      fail: (error) => {
        this.#fault ??= { error };
        this.time.stop();
      },
    });
    let opener: UpdateOpener | null = null;
    const site: Site = {
      name,
      follower,
      models: new Models(this.#ground.initial, blobs, this.recall),
      opener: () => {
        if (opener === null) {
          opener = new UpdateOpener(follower, this.#plan.learning.codec, this.#ground.initial, this.recall);
          follower.attach(opener);
        }
        return opener;
      },
    };
    this.#sites.set(name, site);
    return site;
  }
}
