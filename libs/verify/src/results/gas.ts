import type { Executed } from '../chain/replica.ts';

/**
 * Gas of the rounds: of what was done in them, as the observer's meter counted it. The meter is read when the observer is
 * told of a block, which is a latency after it was made, so that a transaction made in between may be on either side.
 */
export class GasMeter {
  readonly #latencyMs: number;
  /** Sum of the first n transactions, and the second in which the n-th was made. */
  readonly #sums: bigint[] = [0n];
  readonly #seconds: number[] = [0];

  constructor(latencyMs: number) {
    this.#latencyMs = latencyMs;
  }

  /** The deployment is no round's. */
  skip(transactions: number): void {
    for (let i = 0; i < transactions; i++) this.#add(0n, 0);
  }

  /** @param isCounted False for what reverted, and for allowances. */
  see({ record }: Executed, isCounted: boolean): void {
    this.#add(isCounted ? record.gasUsed : 0n, record.timeSeconds);
  }

  /** True if the meter can have moved by that much between two blocks, both given by the transactions executed then. */
  canBe(gasUsed: bigint, from: number, to: number): boolean {
    return this.#readings(from).some((before) =>
      this.#readings(to).some((after) => after - before === gasUsed),
    );
  }

  /** The least and the most that the meter can have moved. */
  between(from: number, to: number): bigint {
    return this.#sums[to]! - this.#sums[from]!;
  }

  /** What the meter can have shown when a block was told of. */
  #readings(at: number): bigint[] {
    const toldByMs = (this.#seconds[at]! + 1) * 1000 + this.#latencyMs;
    const readings = [this.#sums[at]!];
    for (let next = at + 1; next < this.#sums.length && this.#seconds[next]! * 1000 < toldByMs; next++)
      readings.push(this.#sums[next]!);
    return readings;
  }

  #add(gas: bigint, seconds: number): void {
    this.#sums.push(this.#sums.at(-1)! + gas);
    this.#seconds.push(seconds);
  }
}
