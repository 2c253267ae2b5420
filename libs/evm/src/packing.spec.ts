import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bitsOf,
  numbersOf,
  packEndorsement,
  packRevealed,
  scoresInHex,
  scoresOf,
  seatOf,
  verdictOf,
} from './packing.ts';

const numbers = fc
  .uniqueArray(fc.integer({ min: 0, max: 1_023 }))
  .map((list) => list.toSorted((a, b) => a - b));
const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });

it('a bitmap over words gives back its numbers, ascending', () => {
  fc.assert(
    fc.property(numbers, (list) => {
      const words = [0n, 0n, 0n, 0n];
      for (const number of list) words[number >> 8]! |= 1n << BigInt(number & 0xff);
      expect(numbersOf(words)).toEqual(list);
    }),
  );
});

it('the highest seat of a committee has a bit of its own', () => {
  expect(bitsOf([0, 31])).toBe(2 ** 31 + 1);
});

it('scores come back as they were packed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 })), (scores) => {
      expect(scoresOf(scoresInHex(scores))).toEqual(scores);
    }),
  );
});

it('a verdict is unpacked field by field, as VerdictCodec packs it', () => {
  const fields = fc.tuple(
    uint(128),
    uint(64),
    uint(32),
    fc.boolean(),
    fc.integer({ min: -32_768, max: 32_767 }),
  );
  fc.assert(
    fc.property(fields, ([rewardWei, mergeWeight, trust, accepted, tally]) => {
      const word =
        rewardWei |
        (mergeWeight << 128n) |
        (trust << 192n) |
        ((accepted ? 1n : 0n) << 224n) |
        (BigInt.asUintN(16, BigInt(tally)) << 232n);
      expect(verdictOf(word)).toEqual({
        rewardWei,
        mergeWeight: Number(mergeWeight),
        trust: Number(trust),
        accepted,
        tally: tally === -32_768 ? 'unavailable' : tally,
      });
    }),
  );
});

it('a seat is unpacked field by field', () => {
  fc.assert(
    fc.property(
      uint(128),
      fc.integer({ min: 0, max: 65_535 }),
      fc.boolean(),
      (rewardWei, penaltyBp, missed) => {
        const word = rewardWei | (BigInt(penaltyBp) << 128n) | ((missed ? 1n : 0n) << 144n);
        expect(seatOf(word)).toEqual({ rewardWei, penaltyBp, missed });
      },
    ),
  );
});

it('whatever the order of the ballots and signatures, they are packed by seat', () => {
  const ballot = (seat: number) => ({
    seat,
    scores: [seat, -seat],
    salt: `0x${String(seat).repeat(64)}` as const,
  });
  const signature = (seat: number) => ({ seat, signature: `0x${String(seat).repeat(128)}` as const });
  const sorted = [1, 2, 5];
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: 3 }), (seats) => {
      expect(packRevealed(seats.map(ballot))).toEqual(packRevealed(sorted.map(ballot)));
      const packed = packEndorsement({ attempt: 1, signatures: seats.map(signature) });
      expect(packed).toEqual({
        attempt: 1,
        signers: 0b100110,
        signatures: `0x${sorted.map((seat) => String(seat).repeat(128)).join('')}`,
      });
    }),
  );
});
