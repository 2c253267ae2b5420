import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf, trainerId, validatorId } from '../../../test/soak/cast.ts';
import { drawn, drawOf, type Seat, shuffled } from './election.ts';
import { keccak256, wordsOf } from './keccak.ts';

const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const);
const seats = fc
  .array(fc.bigInt(1n, 100n), { minLength: 1, maxLength: 40 })
  .map((bonds): Seat[] => bonds.map((bondWei, i) => ({ id: validatorId(i), bondWei })));

describe('keccak', () => {
  test('with the padding of SHA-3 is the SHA-3 of node:crypto', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 33 }), (words) => {
        const bytes = Buffer.alloc(4 * words.length);
        words.forEach((word, i) => bytes.writeInt32LE(word, 4 * i));
        expect(keccak256(words, 0x06)).toBe(`0x${createHash('sha3-256').update(bytes).digest('hex')}`);
      }),
    );
  });

  test('of nothing is the digest that every Ethereum node knows', () => {
    expect(keccak256([])).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  });

  test('reads a digest as big-endian bytes', () => {
    expect(wordsOf(`0x${'00'.repeat(28)}01020304`)[7]! >>> 0).toBe(0x04030201);
  });
});

describe('the draw', () => {
  test('is keccak256(abi.encode(uint32 round, bytes32 release))', () => {
    // ethers: keccak256(AbiCoder.defaultAbiCoder().encode(['uint32', 'bytes32'], [7, `0x${'22'.repeat(32)}`]))
    expect(drawOf(7, `0x${'22'.repeat(32)}`)).toBe(
      '0x3f3983882e6c6e0d24d5674be120773efcbf9dcc7cb239f47c0eb14f0e4c17df',
    );
  });

  test('differs from round to round', () => {
    const draws = Array.from({ length: 100 }, (_, round) => drawOf(round, digestOf('model')));
    expect(new Set(draws).size).toBe(100);
  });
});

describe('drawn', () => {
  test('a committee is as large as it can be, in order, and of the candidates', () => {
    fc.assert(
      fc.property(seats, digest, fc.integer({ min: 1, max: 32 }), (validators, draw, size) => {
        const committee = drawn.committee({ validators, trainers: [], draw }, size);
        expect(committee.length).toBe(Math.min(size, validators.length));
        expect(validators.filter((seat) => committee.includes(seat))).toEqual(committee);
      }),
    );
  });

  test('in as many attempts as there are members, everybody is the proposer once', () => {
    fc.assert(
      fc.property(seats, digest, (committee, draw) => {
        const turns = committee.map((_, attempt) => drawn.proposer(committee, draw, attempt));
        expect(turns.sort()).toEqual(committee.map(({ id }) => id));
      }),
    );
    expect(drawn.proposer([], digestOf('draw'), 0)).toBeUndefined();
    expect(drawn.committee({ validators: [], trainers: [], draw: digestOf('draw') }, 3)).toEqual([]);
  });

  test('a sample is of the size asked for, in order, and leaves nobody out in the long run', () => {
    const trainers = Array.from({ length: 20 }, (_, i) => trainerId(i));
    const times = new Map<string, number>();
    for (let round = 0; round < 400; round++) {
      const sample = drawn.sample({ trainers, validators: [], draw: digestOf('draw', round) }, 5)!;
      expect(sample).toEqual([...new Set(sample)].sort());
      expect(sample.length).toBe(5);
      for (const id of sample) times.set(id, (times.get(id) ?? 0) + 1);
    }
    // 400 draws of 5 out of 20: each 100 times, give or take five standard deviations of 8.7.
    for (const id of trainers) expect(Math.abs((times.get(id) ?? 0) - 100)).toBeLessThan(45);
    expect(drawn.sample({ trainers, validators: [], draw: digestOf('draw') }, 0)).toBeNull();
    expect(drawn.sample({ trainers, validators: [], draw: digestOf('draw') }, 20)).toBeNull();
  });

  test('shuffling keeps every value', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), digest, (values, draw) => {
        expect(shuffled(values, draw).sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });
});
