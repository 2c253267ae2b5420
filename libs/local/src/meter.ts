import type { LocalServers } from './servers/servers.ts';

/** How often it is looked. Rounds take seconds. */
const everyMs = 250;

/** What a network on this machine has used so far: gas of all transactions, and bytes that NATS has moved. */
export class Meter {
  readonly #timer: NodeJS.Timeout;
  #gas = 0;
  #bytes = 0;

  constructor(servers: Pick<LocalServers, 'chain' | 'nats'>) {
    let isLooking = false;
    const look = async (): Promise<void> => {
      if (isLooking) return;
      isLooking = true;
      try {
        this.#gas = await servers.chain.gasUsed();
        this.#bytes = await servers.nats.movedBytes();
      } catch {
        // A server that is being restarted answers later.
      } finally {
        isLooking = false;
      }
    };
    this.#timer = setInterval(() => void look(), everyMs);
    this.#timer.unref();
  }

  get use(): { readonly gas: number; readonly blobBytes: number } {
    return { gas: this.#gas, blobBytes: this.#bytes };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
