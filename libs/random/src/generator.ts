import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The one source of randomness. A generator is identified by the seed and the path of names by which it was split
 * off, so that adding an actor or a purpose does not change the draws of the others. xoroshiro128+ (Blackman, Vigna
 * 2018), its state the first 128 bits of the SHA-256 of the path.
 */
export interface Generator {
  /** Seed and names that identify this generator. */
  readonly path: string;
  /** An independent generator for a purpose or actor; does not touch the state of this one. */
  split(...names: (string | number)[]): Generator;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Standard normal (Box, Muller 1958). */
  normal(): number;
  /** Gamma with the given shape > 0 and scale 1 (Marsaglia, Tsang 2000). */
  gamma(shape: number): number;
  /** A uniform permutation of 0..n-1 (Fisher, Yates). */
  permutation(n: number): Uint32Array;
}

export function generator(seed: number | string): Generator {
  return fromPath(String(seed));
}

function fromPath(path: string): Generator {
  const digest = createHash('sha256').update(path).digest();
  const word = (i: number) => digest.readInt32LE(4 * i) | 0;
  const source = xoroshiro128plusFromState([word(0), word(1), word(2), word(3) | 1]);

  const uniform = () => (source.next() >>> 0) / 2 ** 32;

  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  };

  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * Math.pow(1 - uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };

  const integer = (bound: number) => uniformInt(source, 0, bound - 1);

  return {
    path,
    split: (...names) =>
      fromPath([path, ...names.map((name) => encodeURIComponent(String(name).toWellFormed()))].join('/')),
    integer,
    uniform,
    normal,
    gamma,
    permutation(n) {
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        const held = order[i]!;
        order[i] = order[j]!;
        order[j] = held;
      }
      return order;
    },
  };
}
