import type { Admit, Refused } from './admission.ts';
import type { StreamMessage } from './consumer.ts';
import { Seen } from './progress.ts';

export type RefusedCounts = Readonly<Record<Refused, number>>;

/** Lets messages through that pass the cheap checks, and counts the others by reason. */
export class Gate {
  readonly #admit: Admit | null;
  readonly #refused: Record<Refused, number> = { size: 0, subject: 0, budget: 0 };
  /** Messages that come again because somebody failed at them: they have paid. */
  readonly #paid = new Seen(1_024);

  constructor(admit: Admit | null) {
    this.#admit = admit;
  }

  get refused(): RefusedCounts {
    return { ...this.#refused };
  }

  lets({ subject, bytes, sequence, storedMs }: StreamMessage): boolean {
    if (this.#admit === null || this.#paid.has(`${sequence}`)) return true;
    const refused = this.#admit(subject, bytes.length, storedMs);
    if (refused === null) return true;
    this.#refused[refused]++;
    return false;
  }

  /** The message will come again. */
  remember({ sequence }: StreamMessage): void {
    this.#paid.add(`${sequence}`);
  }
}
