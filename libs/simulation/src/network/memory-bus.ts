import type { Bus, Cancel, Clock, Delivery } from '#libs/ports';
import type { Network } from './network.ts';

interface Subscription {
  readonly prefix: string;
  readonly deliver: (delivery: Delivery) => void;
  isOver: boolean;
}

interface Station {
  readonly site: string;
  published: number;
  subscriptions: readonly Subscription[];
}

export interface MemoryBusOptions {
  /** What the network loses never arrives, as on a bus without acknowledgements. */
  readonly lostForEver?: boolean;
}

/**
 * A bus inside the process. It has a message as soon as it is published, so publishing takes no time; what a site that
 * is cut off says or should hear waits until it is not. Everybody gets the same bytes, not copies of them: nobody writes
 * on what was sent. A site hears what it says itself as the next event, always once.
 */
export class MemoryBus {
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #isSentAgain: boolean;
  readonly #stations = new Map<string, Station>();
  /** Never changed, but replaced when a site comes: messages under way keep the list they were sent to. */
  #everybody: readonly Station[] = [];
  #messages = 0;
  #deliveries = 0;

  constructor(clock: Clock, network: Network, { lostForEver = false }: MemoryBusOptions = {}) {
    this.#clock = clock;
    this.#network = network;
    this.#isSentAgain = !lostForEver;
  }

  /** Messages published, and how often one of them was handed to a subscriber. */
  get traffic(): { readonly messages: number; readonly deliveries: number } {
    return { messages: this.#messages, deliveries: this.#deliveries };
  }

  /** The bus as a site has it; a site hears what is published after the first call for it. */
  at(site: string): Bus {
    const station = this.#station(site);
    return {
      publish: (subject, bytes) => this.#publish(station, subject, bytes),
      subscribe: (prefix, deliver) => subscribe(station, prefix, deliver),
    };
  }

  #station(site: string): Station {
    const known = this.#stations.get(site);
    if (known !== undefined) return known;
    const station: Station = { site, published: 0, subscriptions: [] };
    this.#stations.set(site, station);
    this.#everybody = [...this.#everybody, station];
    return station;
  }

  #publish(sender: Station, subject: string, bytes: Uint8Array): Promise<void> {
    const sentMs = this.#clock.nowMs();
    // Whoever is down says nothing, and never learns that it did not.
    if (this.#network.isDown(sender.site, sentMs)) return new Promise(() => undefined);
    const message = sender.published++;
    this.#messages++;
    const delivery = { subject, bytes };
    this.#arrive(sentMs, [sender], delivery);
    const others = this.#everybody.filter((station) => station !== sender);
    for (const [atMs, receivers] of this.#arrivals({ sender: sender.site, message, sentMs }, others)) {
      this.#arrive(atMs, receivers, delivery);
    }
    return Promise.resolve();
  }

  /** Receivers by the instant at which the message arrives at them: one event for each instant. */
  #arrivals(
    sending: { sender: string; message: number; sentMs: number },
    others: readonly Station[],
  ): ReadonlyMap<number, readonly Station[]> {
    const atAllMs = this.#network.arrivalAtAllMs(sending.sentMs);
    if (atAllMs !== null) return new Map([[atAllMs, others]]);
    const groups = new Map<number, Station[]>();
    for (const receiver of others) {
      for (const atMs of this.#network.arrivalsMs(sending, receiver.site, this.#isSentAgain)) {
        const group = groups.get(atMs);
        if (group === undefined) groups.set(atMs, [receiver]);
        else group.push(receiver);
      }
    }
    return groups;
  }

  #arrive(atMs: number, receivers: readonly Station[], delivery: Delivery): void {
    this.#clock.at(atMs, () => {
      for (const receiver of receivers) this.#hand(receiver, delivery);
    });
  }

  #hand({ site, subscriptions }: Station, delivery: Delivery): void {
    if (this.#network.isDown(site, this.#clock.nowMs())) return;
    for (const subscription of subscriptions) {
      if (subscription.isOver || !delivery.subject.startsWith(subscription.prefix)) continue;
      this.#deliveries++;
      subscription.deliver(delivery);
    }
  }
}

function subscribe(station: Station, prefix: string, deliver: (delivery: Delivery) => void): Cancel {
  const subscription: Subscription = { prefix, deliver, isOver: false };
  // A list that is being gone through is never changed.
  station.subscriptions = [...station.subscriptions, subscription];
  return () => {
    subscription.isOver = true;
    station.subscriptions = station.subscriptions.filter((one) => one !== subscription);
  };
}
