import type { Generator } from '#libs/random';
import { Draws } from './draws.ts';
import type { Crash, NetworkModel } from './model.ts';
import { Partitions } from './partitions.ts';

/** One sending of a message: which of its sender's it is, and when. */
export interface Sending {
  readonly sender: string;
  readonly message: number;
  readonly sentMs: number;
}

/** A redelivery, a duplicate and a message out of order come up to this many latencies late. */
const latenciesLate = 10;

/** A model at work: says when what is sent arrives. It knows neither messages nor subscribers, and keeps no state. */
export class Network {
  readonly model: NetworkModel;
  readonly #partitions: Partitions;
  readonly #jitter: Draws;
  readonly #loss: Draws;
  readonly #duplication: Draws;
  readonly #reordering: Draws;
  readonly #hold: Draws;
  readonly #isEven: boolean;
  readonly #crashes: ReadonlyMap<string, readonly Crash[]>;

  constructor(model: NetworkModel, generator: Generator) {
    this.model = model;
    this.#partitions = new Partitions(model.partitions);
    const draws = (purpose: string) => new Draws(generator.split(purpose));
    this.#jitter = draws('jitter');
    this.#loss = draws('loss');
    this.#duplication = draws('duplication');
    this.#reordering = draws('reordering');
    this.#hold = draws('hold');
    this.#isEven = model.jitterMs + model.loss + model.duplication + model.reordering === 0;
    this.#crashes = Map.groupBy(model.crashes, ({ site }) => site);
  }

  /** When it arrives at everybody, once; null if that is not the same for all. */
  arrivalAtAllMs(sentMs: number): number | null {
    const alike = this.#isEven && this.#partitions.areOver(sentMs);
    return alike ? sentMs + this.model.latencyMs : null;
  }

  /**
   * When its copies arrive at one receiver. What does not arrive is sent again after ten latencies, as by a stream that
   * waits for acknowledgements; where nobody does that, it never arrives.
   */
  arrivalsMs(sending: Sending, receiver: string, isSentAgain: boolean): number[] {
    const { sender, message } = sending;
    const { duplication } = this.model;
    const arrivals = this.#arrivalMs(sending, receiver, isSentAgain, 0);
    if (duplication > 0 && this.#duplication.uniform(sender, message, receiver, 0) < duplication) {
      arrivals.push(...this.#arrivalMs(sending, receiver, isSentAgain, 1));
    }
    return arrivals;
  }

  /** The first instant from this one on at which the site reaches what belongs to no site: the blobs, the ledger. */
  reachedMs(site: string, atMs: number): number {
    return this.#partitions.reached(site, atMs);
  }

  isDown(site: string, atMs: number): boolean {
    const crashes = this.#crashes.get(site);
    if (crashes === undefined) return false;
    return crashes.some((crash) => crash.atMs <= atMs && atMs < crash.atMs + crash.downMs);
  }

  #arrivalMs(sending: Sending, receiver: string, isSentAgain: boolean, copy: 0 | 1): number[] {
    const { sender, sentMs } = sending;
    const losses = this.#losses(sending, receiver, copy);
    if ((losses > 0 && !isSentAgain) || losses === Infinity) return [];
    const late = losses * latenciesLate * this.model.latencyMs;
    const leavesMs = this.#partitions.joined(sender, receiver, sentMs) + late;
    const arrivesMs = leavesMs + this.#travelMs(sending, receiver, copy);
    return [this.#partitions.joined(sender, receiver, arrivesMs)];
  }

  /** How often the copy is lost before it arrives. */
  #losses({ sender, message }: Sending, receiver: string, copy: 0 | 1): number {
    const { loss } = this.model;
    if (loss === 0) return 0;
    if (loss >= 1) return Infinity;
    let losses = 0;
    while (this.#loss.uniform(sender, message, receiver, 2 * losses + copy) < loss) losses++;
    return losses;
  }

  #travelMs({ sender, message }: Sending, receiver: string, copy: 0 | 1): number {
    const { latencyMs, jitterMs, reordering } = this.model;
    const draw = (draws: Draws) => draws.uniform(sender, message, receiver, copy);
    const jitter = jitterMs === 0 ? 0 : Math.floor(draw(this.#jitter) * jitterMs);
    const isHeld = copy === 1 || (reordering > 0 && draw(this.#reordering) < reordering);
    const hold = isHeld ? Math.floor(draw(this.#hold) * (latenciesLate * latencyMs + 1)) : 0;
    return latencyMs + jitter + hold;
  }
}
