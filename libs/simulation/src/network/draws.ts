import type { Generator } from '#libs/random';

/**
 * What chance does to messages, for one purpose. A draw is a function of the sender, the number of its message, the
 * receiver and the attempt: who else there is and what they send changes nothing. The keys of sites come from the
 * generator; a draw mixes four words instead of advancing a generator per link, of which a thousand sites have a million.
 */
export class Draws {
  readonly #senders: Generator;
  readonly #receivers: Generator;
  readonly #senderKeys = new Map<string, number>();
  readonly #receiverKeys = new Map<string, number>();

  constructor(generator: Generator) {
    this.#senders = generator.split('sender');
    this.#receivers = generator.split('receiver');
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(sender: string, message: number, receiver: string, attempt: number): number {
    let word = mixed(keyOf(this.#senderKeys, this.#senders, sender) + Math.imul(message, goldenRatio));
    word = mixed(word ^ keyOf(this.#receiverKeys, this.#receivers, receiver));
    word = mixed(word + Math.imul(attempt, goldenRatio));
    return (word >>> 0) / 2 ** 32;
  }
}

/** 2^32 over the golden ratio, odd: multiples of it are spread evenly (Knuth, TAOCP 3, 6.4). */
const goldenRatio = 0x9e3779b1;

/** The finaliser of MurmurHash3 (Appleby 2011): every bit of the word decides about every bit of the result. */
function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function keyOf(keys: Map<string, number>, generator: Generator, site: string): number {
  let key = keys.get(site);
  if (key === undefined) {
    key = (generator.split(site).uniform() * 2 ** 32) | 0;
    keys.set(site, key);
  }
  return key;
}
