import { LedgerFacts } from '#libs/node';
import type { Change } from '#libs/ports';
import type { ActorId, Input } from '#libs/protocol';
import type { Executed, Replica } from '../chain/replica.ts';
import { differs, type Place } from '../difference.ts';
import type { Observer } from './observer.ts';

/** A block whose events the observer hears of. */
interface Told {
  readonly change: Change;
  /** Transactions executed when it was made. */
  readonly at: number;
}

/** Something that the ledger says next. */
export interface Saying {
  readonly input: Input;
  readonly timeSeconds: number;
  readonly at: number;
}

/** The selector of `approve(address,uint256)`: it comes before a payment, in one action with it. */
const approve = '0x095ea7b3';

/**
 * What the ledger tells the observer, input by input, as nodes make it of the blocks. Each block is executed when the
 * record needs it, so that in between the chain is as it was then.
 */
export class LedgerInputs {
  readonly #replica: Replica;
  readonly #observer: Observer;
  readonly #token: ActorId;
  readonly #facts: LedgerFacts;
  readonly #onExecuted: (executed: Executed) => void;
  readonly #waiting: Told[];
  #telling: { readonly inputs: AsyncGenerator<Input>; readonly told: Told } | null = null;
  #place: Place = { file: 'inputs.jsonl' };
  #toldBlock = 0;
  /** Every block ends with its time. */
  #said: Input['kind'] = 'time';

  /** @param deployed What the deployment did: it is told first. */
  constructor(
    replica: Replica,
    observer: Observer,
    token: ActorId,
    deployed: readonly Change[],
    onExecuted: (executed: Executed) => void,
  ) {
    this.#replica = replica;
    this.#observer = observer;
    this.#token = token;
    this.#onExecuted = onExecuted;
    this.#facts = new LedgerFacts(observer.run, observer.receipts, observer.ballots, () =>
      Promise.reject(differs(this.#place, 'is not the lineup whose root is on the ledger')),
    );
    this.#waiting = deployed.map((change) => ({ change, at: replica.executed }));
  }

  /** Transactions executed so far. */
  get executed(): number {
    return this.#replica.executed;
  }

  /** The next thing that the ledger says; null if that was all. @param place Where the record has it, or should. */
  async next(place: Place): Promise<Saying | null> {
    this.#place = place;
    for (;;) {
      if (this.#telling !== null) {
        const { inputs, told } = this.#telling;
        const said = await inputs.next();
        if (said.done !== true) {
          this.#said = said.value.kind;
          return { input: said.value, timeSeconds: told.change.block.timeSeconds, at: told.at };
        }
        this.#telling = null;
      }
      const told = this.#waiting.shift() ?? (await this.#untilTold());
      if (told === null) return null;
      this.#toldBlock = told.change.block.number;
      this.#telling = { inputs: this.#facts.inputsOf(told.change, () => this.#observer.state), told };
    }
  }

  /** Nothing comes between the inputs of one block, unless its lineup is waited for. */
  requireBetweenBlocks(place: Place): void {
    const { events } = this.#telling?.told.change ?? { events: [] };
    const mayWait = events.some(({ kind }) => kind === 'lineupAccepted') && this.#said !== 'lineup';
    if (this.#said !== 'time' && !mayWait) throw differs(place, 'comes in the middle of a block');
  }

  /** The newest block that the observer was told of. */
  get toldBlock(): number {
    return this.#toldBlock;
  }

  /** Executes all transactions up to a second. */
  async goOnTo(seconds: number): Promise<void> {
    while (await this.goOnUntil(seconds));
  }

  /** Executes one more transaction of this second at the latest, before it is told of; false if there is none. */
  async goOnUntil(seconds: number): Promise<boolean> {
    const { upcoming } = this.#replica;
    if (upcoming === undefined || upcoming.timeSeconds > seconds) return false;
    const executed = await this.#execute();
    if (executed?.told) this.#waiting.push(executed.told);
    return true;
  }

  /** True if by a second there is a lineup on the ledger that the observer has not been told of. */
  async hasUntoldLineup(bySeconds: number): Promise<boolean> {
    while (this.#waiting.length === 0) if (!(await this.goOnUntil(bySeconds))) break;
    return this.#waiting.some(({ change }) => change.events.some(({ kind }) => kind === 'lineupAccepted'));
  }

  /** Blocks made before a second have been told. */
  async requireToldBefore(place: Place, seconds: number): Promise<void> {
    while (this.#waiting.length === 0) if (!(await this.goOnUntil(seconds - 1))) return;
    const { block, events } = this.#waiting[0]!.change;
    // A lineup is told when its receipts have been fetched, and what comes after it waits with it.
    const waits = events.some(({ kind }) => kind === 'lineupAccepted');
    if (block.timeSeconds < seconds && !waits)
      throw differs(
        place,
        `comes before block ${block.number} was told, which was made at ${block.timeSeconds}`,
      );
  }

  async #untilTold(): Promise<Told | null> {
    for (;;) {
      const executed = await this.#execute();
      if (executed === null) return null;
      if (executed.told !== null) return executed.told;
    }
  }

  async #execute(): Promise<{ readonly told: Told | null } | null> {
    const executed = await this.#replica.next();
    if (executed === null) return null;
    this.#onExecuted(executed);
    return {
      told: isAction(executed, this.#token) ? { change: executed.change, at: this.#replica.executed } : null,
    };
  }
}

/** True for what a simulated ledger tells of, and counts the gas of: an allowance is part of the payment after it. */
export const isAction = ({ record, to, data }: Executed, token: ActorId): boolean =>
  record.status === 'done' && !(to === token && data.startsWith(approve));
