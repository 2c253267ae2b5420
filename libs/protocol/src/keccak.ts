import type { Digest } from './ids.ts';

// Keccak-f[1600] on 32-bit halves (FIPS 202, section 3; lane i is words 2i, low, and 2i + 1, high). The protocol imports
// nothing, and the ledger draws proposers with Keccak, so the thirty lines are here.

const rotations = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
const lanes = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
const roundConstants = constants();

/** keccak256 of at most 33 words of 32 bits, little endian, as the Ethereum machine computes it. */
export function keccak256(words: readonly number[], padding = 0x01): Digest {
  const state = new Int32Array(50);
  state.set(words);
  state[words.length] = padding;
  state[33] = state[33]! ^ 0x80000000;
  permute(state);
  let hex: Digest = '0x';
  for (let i = 0; i < 8; i++) hex = `${hex}${(swap(state[i]!) >>> 0).toString(16).padStart(8, '0')}`;
  return hex;
}

/** A 32-byte big-endian value as eight words. */
export function wordsOf(digest: Digest): number[] {
  const words: number[] = [];
  for (let at = 2; at < 66; at += 8) words.push(swap(Number.parseInt(digest.slice(at, at + 8), 16)));
  return words;
}

const swap = (x: number) => (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);

function permute(s: Int32Array): void {
  const c = new Int32Array(14);
  for (let round = 0; round < 24; round++) {
    // theta
    for (let i = 0; i < 10; i++) c[i] = s[i]! ^ s[i + 10]! ^ s[i + 20]! ^ s[i + 30]! ^ s[i + 40]!;
    for (let x = 0; x < 5; x++) {
      const low = c[2 * ((x + 1) % 5)]!;
      const high = c[2 * ((x + 1) % 5) + 1]!;
      const d0 = c[2 * ((x + 4) % 5)]! ^ ((low << 1) | (high >>> 31));
      const d1 = c[2 * ((x + 4) % 5) + 1]! ^ ((high << 1) | (low >>> 31));
      for (let y = 0; y < 50; y += 10) {
        s[y + 2 * x] = s[y + 2 * x]! ^ d0;
        s[y + 2 * x + 1] = s[y + 2 * x + 1]! ^ d1;
      }
    }
    // rho and pi
    let low = s[2]!;
    let high = s[3]!;
    for (let i = 0; i < 24; i++) {
      const lane = 2 * lanes[i]!;
      const n = rotations[i]!;
      const a = n < 32 ? low : high;
      const b = n < 32 ? high : low;
      const m = n & 31;
      low = s[lane]!;
      high = s[lane + 1]!;
      s[lane] = (a << m) | (b >>> (32 - m));
      s[lane + 1] = (b << m) | (a >>> (32 - m));
    }
    // chi
    for (let y = 0; y < 50; y += 10) {
      for (let i = 0; i < 10; i++) c[i] = s[y + i]!;
      for (let i = 0; i < 4; i++) c[10 + i] = c[i]!;
      for (let i = 0; i < 10; i++) s[y + i] = c[i]! ^ (~c[i + 2]! & c[i + 4]!);
    }
    // iota
    s[0] = s[0]! ^ roundConstants[2 * round]!;
    s[1] = s[1]! ^ roundConstants[2 * round + 1]!;
  }
}

/** Iota's constants from their linear feedback shift register (FIPS 202, algorithm 5). */
function constants(): Int32Array {
  const words = new Int32Array(48);
  let lfsr = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j < 7; j++) {
      const bit = 2 ** j - 1;
      if (lfsr & 1) words[2 * round + (bit >> 5)] = words[2 * round + (bit >> 5)]! | (1 << (bit & 31));
      lfsr = lfsr & 0x80 ? ((lfsr << 1) ^ 0x171) & 0xff : lfsr << 1;
    }
  }
  return words;
}
