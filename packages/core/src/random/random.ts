import { createHash } from 'node:crypto';
import { drawDirichlet, logGamma } from './gamma.js';
import { philoxBlocks } from './philox.js';

/**
 * A stream of random numbers that is named by a path, not by what was drawn before: the same seed and path
 * give the same numbers on any worker, in any order of work.
 */
export interface Random {
  /** The stream below this one at `path`, e.g. `random.at('batches', round, client)`. Drawing here never moves it. */
  at(...path: readonly (string | number)[]): Random;
  /** The key of this stream, 16 bytes as hex: enough to build the stream again elsewhere with {@link randomFromKey}. */
  readonly key: string;
  /** Uniform in `[0, 2^32)`. */
  uint32(): number;
  /** Uniform in `[0, 1)` with 53 random bits. */
  uniform(): number;
  /**
   * Uniform integer in `[0, bound)` (Lemire 2019): unbiased for `bound` up to 2^21, the number of rows of a dataset;
   * above, the bias is below 2^-21.
   */
  integer(bound: number): number;
  /** Standard normal (Box and Muller 1958). */
  normal(): number;
  /** Gamma variate of `shape` above 0 and scale 1 (Marsaglia and Tsang 2000). */
  gamma(shape: number): number;
  /** Shares that sum to 1, from the Dirichlet distribution of `alphas`, each above 0. */
  dirichlet(alphas: readonly number[]): number[];
  /** Shuffles in place (Fisher and Yates) and returns its argument. */
  shuffle<T extends Int32Array | Uint32Array | unknown[]>(values: T): T;
}

const TWO_32 = 0x100000000;
const EXACT_BOUND = 0x200000;
/** Blocks that a stream draws ahead at most: 16 KiB. */
const MOST_AHEAD = 0x400;

/** The root of a run's streams. Any safe integer is a seed. */
export function createRandom(seed: number): Random {
  return randomFromKey(hash(`fedx/v1 seed ${seed}`));
}

/** The stream whose `key` this is, from its start. */
export function randomFromKey(key: string): Random {
  const bytes = Buffer.from(key, 'hex');
  const philoxKey = new Uint32Array([bytes.readUInt32LE(0), bytes.readUInt32LE(4)]);
  const counter = new Uint32Array([0, 0, bytes.readUInt32LE(8), bytes.readUInt32LE(12)]);
  /** Drawn ahead: a block first, as most streams give few numbers, and four times as many each time. */
  let words = new Uint32Array(0);
  let used = 0;

  function uint32(): number {
    if (used === words.length) {
      if (words.length < 4 * MOST_AHEAD) words = new Uint32Array(Math.max(4, 4 * words.length));
      philoxBlocks(counter, philoxKey, words);
      used = 0;
    }
    return words[used++] ?? 0;
  }

  function uniform(): number {
    return ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000;
  }

  function integer(bound: number): number {
    if (bound > EXACT_BOUND) return Math.floor(uniform() * bound);
    for (;;) {
      // Both factors together stay below 2^53, so the 64-bit product of Lemire's method is exact in a double.
      const product = uint32() * bound;
      const high = Math.floor(product / TWO_32);
      const low = product - high * TWO_32;
      if (low >= bound || low >= TWO_32 % bound) return high;
    }
  }

  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

  return {
    key,
    uint32,
    uniform,
    integer,
    at: (...path) => randomFromKey(hash(`${key}/${JSON.stringify(path)}`)),
    normal,
    gamma: (shape) => Math.exp(logGamma(shape, { uniform, normal })),
    dirichlet: (alphas) => drawDirichlet(alphas, { uniform, normal }),
    shuffle(values) {
      for (let last = values.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        const value = values[last] as never;
        values[last] = values[other];
        values[other] = value;
      }
      return values;
    },
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
