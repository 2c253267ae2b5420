import { type ActorId, type Digest, type Tally, unavailable } from '#libs/protocol';
import { packScores } from './fields.ts';
import { receiptsRoot } from './objects.ts';
import { Words } from './typed-data.ts';

// Digests that the ledger computes too: `abi.encode` and Keccak. What only nodes compute is SHA-256, which is native.

/** One place of a lineup: the Trainer's account number in the run, and its receipt's digest. */
export interface Place {
  readonly number: number;
  readonly receipt: Digest;
}

/** The lineup as the ledger takes it: a bitmap over account numbers, lowest bit first, and the root of the receipts. */
export interface EncodedLineup {
  readonly trainers: readonly bigint[];
  readonly receiptsRoot: Digest;
}

/**
 * SHA-256 over the receipts' digests one after the other, in ascending order of the account numbers. A root in one step:
 * whoever checks a lineup has all of its receipts, and nobody needs the proof that one of them is in it.
 */
export function encodeLineup(places: readonly Place[]): EncodedLineup {
  const ordered = places.toSorted((a, b) => a.number - b.number);
  const trainers = Array.from({ length: ((ordered.at(-1)?.number ?? -1) >> 8) + 1 }, () => 0n);
  for (const { number } of ordered) trainers[number >> 8]! |= 1n << BigInt(number & 0xff);
  return { trainers, receiptsRoot: receiptsRoot(ordered.map(({ receipt }) => receipt)) };
}

/** keccak256(abi.encode(run, round, lineup.trainers, lineup.receiptsRoot)), as the ledger computes it. */
export function lineupDigest(run: bigint, round: number, { trainers, receiptsRoot }: EncodedLineup): Digest {
  const head = new Words(5 + trainers.length);
  head.integer(run);
  head.integer(round);
  head.integer(4 * 32); // where the array begins
  head.hex(receiptsRoot);
  head.integer(trainers.length);
  for (const word of trainers) head.integer(word);
  return head.hash();
}

/** A verdict as the ledger decides it, in its units; `SettledVerdict` of libs/ports is one. */
export interface DecidedVerdict {
  readonly tally: Tally;
  readonly accepted: boolean;
  /** In billionths, after the round. */
  readonly trust: number;
  /** In billionths, before staleness. */
  readonly mergeWeight: number | bigint;
  readonly rewardWei: bigint;
}

/** What a certificate certifies the merge of. */
export interface Merged {
  /** Digest of the model that was the newest before. */
  readonly release: Digest;
  /** Digest of the lineup. */
  readonly lineup: Digest;
  /** In the order of the lineup. */
  readonly verdicts: readonly DecidedVerdict[];
}

/**
 * keccak256(abi.encode(release, lineupHash, keccak256(abi.encodePacked(verdicts)))), as the ledger computes it: the parent
 * of a certificate. Whatever can change the merged model changes it, ballots and earlier rounds of a reorganised chain
 * included.
 */
export function certificateParent({ release, lineup, verdicts }: Merged): Digest {
  const decided = new Words(verdicts.length);
  for (const verdict of verdicts) decided.integer(packVerdict(verdict));
  const encoded = new Words(3);
  encoded.hex(release);
  encoded.hex(lineup);
  encoded.hex(decided.hash());
  return encoded.hash();
}

/** One word, as `VerdictCodec.sol` packs it. */
export function packVerdict({ tally, accepted, trust, mergeWeight, rewardWei }: DecidedVerdict): bigint {
  const score = BigInt.asUintN(16, BigInt(tally === 'unavailable' ? unavailable : tally));
  return (
    (score << 232n) |
    (BigInt(accepted) << 224n) |
    (BigInt(trust) << 192n) |
    (BigInt(mergeWeight) << 128n) |
    rewardWei
  );
}

/** Everything that a commitment to a ballot binds. */
export interface SaltedBallot {
  readonly run: bigint;
  readonly round: number;
  readonly lineup: Digest;
  readonly validator: ActorId;
  readonly scores: readonly number[];
  /** 32 random bytes, so that a commitment does not tell its ballot to whoever tries all of them. */
  readonly salt: Digest;
}

/** keccak256(abi.encode(run, round, lineupHash, validator, packedScores, salt)), as the ledger computes it. */
export function ballotCommitment({ run, round, lineup, validator, scores, salt }: SaltedBallot): Digest {
  const packed = packScores(scores);
  const words = Math.ceil(packed.length / 32);
  const encoded = new Words(7 + words);
  encoded.integer(run);
  encoded.integer(round);
  encoded.hex(lineup);
  encoded.hex(validator);
  encoded.integer(6 * 32); // where the scores begin
  encoded.hex(salt);
  encoded.integer(packed.length);
  for (let word = 0; word < words; word++) {
    encoded.hex(
      `0x${Buffer.from(packed.subarray(32 * word, 32 * word + 32))
        .toString('hex')
        .padEnd(64, '0')}`,
    );
  }
  return encoded.hash();
}
