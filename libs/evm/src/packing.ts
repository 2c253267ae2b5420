import type { Endorsement, LedgerBallots, RevealedBallot, SettledSeat, SettledVerdict } from '#libs/ports';
import { type Tally, unavailable } from '#libs/protocol';
import { type Hex, packScores } from '#libs/wire';

// What the contracts pack into words and bytes, packed and unpacked.

/** The numbers whose bits are set, ascending; lowest bit of the first word is 0. */
export function numbersOf(words: readonly bigint[]): number[] {
  return words.flatMap((word, i) =>
    Array.from({ length: word.toString(2).length }, (_, bit) => bit)
      .filter((bit) => (word >> BigInt(bit)) & 1n)
      .map((bit) => 256 * i + bit),
  );
}

export const bitsOf = (seats: readonly number[]): number => seats.reduce((bits, seat) => bits + 2 ** seat, 0);

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;

/** Big-endian int16, one after the other. */
export const scoresInHex = (scores: readonly number[]): Hex => hexOf(packScores(scores));

export function scoresOf(packed: Hex): number[] {
  const bytes = Buffer.from(packed.slice(2), 'hex');
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16BE(2 * i));
}

export const tallyOf = (score: number): Tally => (score === unavailable ? 'unavailable' : score);
const scoreOf = (tally: Tally): number => (tally === 'unavailable' ? unavailable : tally);

const field = (word: bigint, fromBit: number, bits: number): bigint =>
  BigInt.asUintN(bits, word >> BigInt(fromBit));

/** `VerdictCodec.pack` of a verdict, the other way round. */
export const verdictOf = (word: bigint): SettledVerdict => ({
  rewardWei: field(word, 0, 128),
  mergeWeight: Number(field(word, 128, 64)),
  trust: Number(field(word, 192, 32)),
  accepted: field(word, 224, 8) === 1n,
  tally: tallyOf(Number(BigInt.asIntN(16, field(word, 232, 16)))),
});

/** `VerdictCodec.pack` of a seat, the other way round. */
export const seatOf = (word: bigint): SettledSeat => ({
  rewardWei: field(word, 0, 128),
  penaltyBp: Number(field(word, 128, 16)),
  missed: field(word, 144, 8) === 1n,
});

const bySeat = <T extends { readonly seat: number }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => a.seat - b.seat);

export function packEndorsement({ attempt, signatures: endorsed }: Endorsement) {
  const ordered = bySeat(endorsed);
  const signatures: Hex = `0x${ordered.map(({ signature }) => signature.slice(2)).join('')}`;
  return {
    attempt,
    signers: bitsOf(ordered.map(({ seat }) => seat)),
    signatures,
  };
}

/** Scores and salts of several Validators, in the order of their seats. */
export function packRevealed(ballots: readonly RevealedBallot[]) {
  const ordered = bySeat(ballots);
  return {
    seats: bitsOf(ordered.map(({ seat }) => seat)),
    scores: scoresInHex(ordered.flatMap(({ scores }) => scores)),
    salts: ordered.map(({ salt }) => salt),
  };
}

export function packBallots({ lineup, tallies, ballots }: LedgerBallots) {
  const { scores, salts } = packRevealed(ballots);
  return { lineup, tallies: scoresInHex(tallies.map(scoreOf)), scores, salts };
}
