import type { Bus, Cancel, Delivery } from '#libs/ports';

interface Subscription {
  readonly prefix: string;
  readonly deliver: (delivery: Delivery) => void;
}

/** What a transport receives, handed to those in this process who have subscribed to it. */
export class Inbox implements Pick<Bus, 'subscribe'> {
  #subscriptions: readonly Subscription[] = [];

  subscribe(prefix: string, deliver: (delivery: Delivery) => void): Cancel {
    const subscription = { prefix, deliver };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return () => {
      this.#subscriptions = this.#subscriptions.filter((one) => one !== subscription);
    };
  }

  deliver(delivery: Delivery): void {
    for (const { prefix, deliver } of this.#subscriptions) {
      if (delivery.subject.startsWith(prefix)) deliver(delivery);
    }
  }
}
