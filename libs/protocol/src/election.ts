import type { RunConfig } from './config.ts';
import type { ActorId, Digest } from './ids.ts';
import { keccak256, wordsOf } from './keccak.ts';

/** A Validator's place in the committee of a round, with the bond that it votes with. */
export interface Seat {
  readonly id: ActorId;
  readonly bondWei: bigint;
}

/** What an election may know: the candidates in the order of their account numbers, and the round's draw. */
export interface Candidates {
  readonly validators: readonly Seat[];
  readonly trainers: readonly ActorId[];
  readonly draw: Digest;
}

/**
 * Who scores, who proposes, who trains in a round. `drawn` is the one that ships; committees of former Trainers, elected
 * leaders or a plain server are further values of this type.
 */
export interface Election {
  /** The committee in the order of its seats, at most `size`. */
  committee(candidates: Candidates, size: number): readonly Seat[];
  /** Who proposes lineup and settlement at the given attempt. */
  proposer(committee: readonly Seat[], draw: Digest, attempt: number): ActorId | undefined;
  /** The Trainers who are asked to train, in the order of the candidates; null: all. */
  sample(candidates: Candidates, size: number): readonly ActorId[] | null;
}

/** keccak256(abi.encode(uint32 round, bytes32 release)), the draw of a round: known to nobody before the last release. */
export function drawOf(round: number, release: Digest): Digest {
  const encodedRound: Digest = `0x${round.toString(16).padStart(64, '0')}`;
  return keccak256([...wordsOf(encodedRound), ...wordsOf(release)]);
}

/**
 * Everybody by turns, starting where the draw says; seats ascend by address, as on the ledger. Of more Validators than
 * there are seats the ledger draws by itself, and says whom.
 */
export const drawn: Election = {
  committee({ validators, draw }, size) {
    const from = turn(draw, validators.length);
    const chosen = validators.map((_, i) => validators[(from + i) % validators.length]!).slice(0, size);
    return chosen.sort((a, b) => (a.id < b.id ? -1 : 1));
  },

  proposer(committee, draw, attempt) {
    return committee[(turn(draw, committee.length) + attempt) % committee.length]?.id;
  },

  sample({ trainers, draw }, size) {
    if (size === 0 || size >= trainers.length) return null;
    const chosen = new Set(shuffled(trainers, draw).slice(0, size));
    return trainers.filter((id) => chosen.has(id));
  },
};

/** draw mod n. */
function turn(draw: Digest, n: number): number {
  return n === 0 ? 0 : Number(BigInt(draw) % BigInt(n));
}

/** A uniform permutation (Fisher, Yates) from the draw's own bits: xoshiro128** (Blackman, Vigna 2018). */
export function shuffled<T>(values: readonly T[], draw: Digest): T[] {
  const result = [...values];
  const next = xoshiro128(draw);
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor((next() * (i + 1)) / 2 ** 32);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function xoshiro128(draw: Digest): () => number {
  let [a, b, c, d] = wordsOf(draw) as unknown as [number, number, number, number];
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}

const elections = { drawn } as const;

export function electionOf({ election }: Pick<RunConfig, 'election'>): Election {
  return elections[election];
}
