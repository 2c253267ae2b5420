import { createHash } from 'node:crypto';
import {
  recordedLoss,
  type RoundRecord as RoundLine,
  type RunFolderWriter,
  type Summary,
  type TransactionRecord,
} from '#libs/experiment';
import type { Origin, RunLog } from '#libs/ports';
import type { ActorId, Digest, Event, Input } from '#libs/protocol';
import { hexOf } from '#libs/wire';
import type { RoundRecord, RunResult } from './observer.ts';

/** What a run leaves in its folder: all that is needed to check it, and what the plan says to keep besides. */
export interface Keep {
  readonly updates: boolean;
  readonly models: 'all' | 'last' | 'none';
}

/** Writes down what the observer of a simulated run sees. */
export class Keeper implements RunLog {
  readonly #folder: RunFolderWriter;
  readonly #keep: Keep;
  readonly #seen = new Set<string>();
  #model: Digest | null = null;

  /** @param sent Transactions from before there was a run that could have a folder. */
  constructor(folder: RunFolderWriter, keep: Keep, sent: readonly TransactionRecord[] = []) {
    this.#folder = folder;
    this.#keep = keep;
    for (const record of sent) this.transaction(record);
  }

  transaction(record: TransactionRecord): void {
    this.#folder.transaction(record);
  }

  /** Once, however often it was delivered. */
  statement(bytes: Uint8Array, atMs: number): void {
    const digest = createHash('sha256').update(bytes).digest('base64');
    if (this.#seen.has(digest)) return;
    this.#seen.add(digest);
    this.#folder.statement({ atMs, bytes: hexOf(bytes) });
  }

  input(input: Input, origin: Origin): void {
    this.#folder.input({ origin, input });
  }

  events(events: readonly Event[]): void {
    for (const event of events) this.#folder.event(event);
  }

  ballot(round: number, validator: ActorId, scores: readonly number[], salt: Digest): void {
    this.#folder.ballot({ round, validator, scores: [...scores], salt });
  }

  /** A model that was released takes the place of the one before it, unless all are kept. */
  async model(digest: Digest, bytes: Uint8Array | null): Promise<void> {
    if (this.#keep.models === 'none' || bytes === null) return;
    await this.#folder.blob(bytes);
    if (this.#keep.models === 'last' && this.#model !== null && this.#model !== digest) {
      this.#folder.dropBlob(this.#model);
    }
    this.#model = digest;
  }

  async update(bytes: Uint8Array | null): Promise<void> {
    if (this.#keep.updates && bytes !== null) await this.#folder.blob(bytes);
  }

  round(record: RoundRecord): void {
    this.#folder.round(roundLine(record));
    this.#folder.flush();
  }

  summary(result: RunResult, of: { readonly model: Digest | null; readonly stateRoot: Digest | null }): void {
    this.#folder.summary({
      outcome: result.end,
      rounds: {
        released: count(result.rounds, 'released'),
        settled: count(result.rounds, 'settled'),
        void: count(result.rounds, 'void'),
      },
      last: testOf(result.rounds.at(-1)),
      best: bestOf(result.rounds),
      model: of.model,
      stateRoot: of.stateRoot,
      virtualMs: result.virtualMs,
      seconds: result.realSeconds,
      gasUsed: result.rounds.reduce((sum, { gas }) => sum + BigInt(gas), 0n),
      messageBytes: result.rounds.reduce((sum, { messageBytes }) => sum + messageBytes, 0),
      blobBytes: result.rounds.reduce((sum, { blobBytes }) => sum + blobBytes, 0),
      actors: result.actors.map(
        ({ name, id, behaviour, trust, rewardsWei, penaltiesWei, accepted, refused, bondWei }) => ({
          site: name,
          id,
          behaviour,
          trust,
          bondWei,
          rewardWei: rewardsWei,
          penaltyWei: penaltiesWei,
          accepted,
          refused,
        }),
      ),
    });
  }
}

const count = (rounds: readonly RoundRecord[], result: RoundRecord['result']): number =>
  rounds.filter((round) => round.result === result).length;

function testOf(round: RoundRecord | undefined): Summary['last'] {
  if (round === undefined || round.loss === null) return null;
  const { loss, accuracy, attack, perClass } = round;
  const test = { loss: recordedLoss(loss), accuracy };
  return { ...test, ...(typeof attack === 'number' ? { attack } : {}), ...predictedOf(perClass) };
}

const predictedOf = (perClass: RoundRecord['perClass']) =>
  perClass.length === 0 ? {} : { predicted: perClass.map(({ predicted }) => predicted) };

function bestOf(rounds: readonly RoundRecord[]): Summary['best'] {
  let best: Summary['best'] = null;
  for (const { round, accuracy } of rounds) {
    if (accuracy !== null && accuracy > (best?.accuracy ?? -1)) best = { round, accuracy };
  }
  return best;
}

function roundLine(record: RoundRecord): RoundLine {
  const { verdicts, real } = record;
  return {
    round: record.round,
    outcome: record.result,
    fromMs: record.openedMs,
    toMs: record.endedMs,
    test: testOf(record),
    locals: (record.locals ?? []).map(({ name, accuracy, loss, perClass }) => ({
      trainer: Number(name.split('-')[1]),
      loss: recordedLoss(loss),
      accuracy,
      ...predictedOf(perClass),
    })),
    verdicts: {
      accepted: verdicts.filter(({ accepted }) => accepted).length,
      refused: verdicts.filter(({ accepted, tally }) => !accepted && tally !== null).length,
      unavailable: verdicts.filter(({ accepted, tally }) => !accepted && tally === null).length,
    },
    gasUsed: BigInt(record.gas),
    messageBytes: record.messageBytes,
    blobBytes: record.blobBytes,
    seconds: { ...real },
  };
}
