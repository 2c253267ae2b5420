import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActorId, Digest, Event } from '#libs/protocol';
import type { Manifest } from '#libs/wire';
import { configurationDigest, planJson } from '../plan/canonical.ts';
import type { RunPlan } from '../run-plan.ts';
import type { BallotRecord, RoundRecord, StatementRecord, Summary, TransactionRecord } from './records.ts';
import type { RunFolderWriter } from './writer.ts';

export const digestOf = (n: number): Digest => `0x${n.toString(16).padStart(64, '0')}`;
const actorOf = (n: number): ActorId => `0x${n.toString(16).padStart(40, '0')}`;

export function manifestOf(plan: RunPlan): Manifest {
  return {
    format: 'flobc.run',
    version: 1,
    run: configurationDigest(plan),
    configuration: planJson(plan),
    seed: plan.seed,
    engine: 'sim',
    ledger: { chainId: 31_337n, address: actorOf(9), number: 0n },
    learning: { backend: 'compiled', version: 'onnxruntime-node 1.30.0' },
    software: { flobc: '0.1.0', node: 'v22.23.3' },
  };
}

export const transactionOf = (n: number): TransactionRecord => ({
  raw: '0x02f8',
  hash: digestOf(n),
  block: n,
  timeSeconds: 1_800_000_000 + n,
  status: n % 7 === 0 ? 'reverted' : 'done',
  gasUsed: BigInt(21_000 + n),
});

export const statementOf = (n: number): StatementRecord => ({ atMs: 1000 * n, bytes: '0x9601' });

export const ballotOf = (n: number): BallotRecord => ({
  round: n,
  validator: actorOf(n),
  scores: [n, -1 - n, -32_768],
  salt: digestOf(n),
});

export const roundOf = (n: number): RoundRecord => ({
  round: n,
  outcome: n % 3 === 2 ? 'void' : 'released',
  fromMs: 60_000 * n,
  toMs: 60_000 * (n + 1),
  test: n % 3 === 2 ? null : { loss: 1 / (n + 1), accuracy: n / (n + 1), predicted: [n, 0] },
  locals: n === 0 ? [{ trainer: 0, loss: 2, accuracy: 0.25 }] : [],
  verdicts: { accepted: 5, refused: 2, unavailable: 0 },
  gasUsed: 400_000n,
  messageBytes: 12_345,
  blobBytes: 2 ** 32,
  seconds: { training: 1.5, scoring: 0.25 },
});

export const summaryOf = (outcome: Summary['outcome']): Omit<Summary, 'format' | 'version' | 'run'> => ({
  outcome,
  rounds: { released: 2, settled: 0, void: 1 },
  last: { loss: 0.5, accuracy: 0.5 },
  best: { round: 1, accuracy: 0.5 },
  model: digestOf(1),
  stateRoot: null,
  virtualMs: 180_000,
  seconds: 12.5,
  gasUsed: 1_200_000n,
  messageBytes: 37_035,
  blobBytes: 3 * 2 ** 32,
  actors: [
    {
      site: 'trainer-0',
      id: actorOf(1),
      behaviour: 'honest',
      trust: 500_000_000,
      bondWei: 10n ** 18n,
      rewardWei: 0n,
      penaltyWei: 0n,
      accepted: 2,
      refused: 0,
    },
  ],
});

export const eventOf = (n: number): Event => ({ kind: 'pauseAsked', atMs: 1000 * n });

/** Everything that one round writes. */
export function writeRound(folder: RunFolderWriter, n: number): void {
  for (let i = 0; i < 3; i++) {
    folder.statement(statementOf(10 * n + i));
    folder.transaction(transactionOf(10 * n + i));
    folder.event(eventOf(10 * n + i));
  }
  folder.ballot(ballotOf(n));
  folder.round(roundOf(n));
  folder.flush();
}

/** A folder of its own for each test, gone when the test is over. */
export async function inFolder<T>(work: (path: string) => T | Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'flobc-folder-'));
  try {
    return await work(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}
