import { instantiate } from '../web-assembly.js';
import { philoxWasm } from './philox-wasm.js';

/**
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"):
 * a counter-based generator, a pure function from a counter and a key to 128 random bits.
 */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The upper 32 bits of the product of two unsigned 32-bit integers; every partial sum stays below 2^32. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** Writes the four words of block `counter` under `key` into `out`. */
export function philox4x32(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  // By index: taking a typed array apart goes through its iterator, which costs more than the ten rounds.
  let c0 = counter[0] ?? 0;
  let c1 = counter[1] ?? 0;
  let c2 = counter[2] ?? 0;
  let c3 = counter[3] ?? 0;
  let k0 = key[0] ?? 0;
  let k1 = key[1] ?? 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The loop of `philox.wat`, which says what it takes. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  blocks(count: number, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void;
}

/** How many blocks the kernel makes at once. */
const LANES = 4;
/** Blocks for which there is room in the kernel's memory, of 64 KiB. */
const MOST_BLOCKS = 0x1000;
const TWO_32 = 0x100000000;

let kernel: Kernel | undefined;

/** Fills `out`, 4 words a block, with the blocks from `counter` on, and moves the counter, of which the first two words count, behind them. */
export function philoxBlocks(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  const count = out.length / 4;
  if (count % LANES === 0 && count <= MOST_BLOCKS && c0 + count <= TWO_32) {
    kernel ??= instantiate(philoxWasm) as Kernel;
    kernel.blocks(count, c0, c1, c2, c3, key[0] ?? 0, key[1] ?? 0);
    out.set(new Uint32Array(kernel.memory.buffer, 0, out.length));
    advance(counter, count);
    return;
  }
  for (let block = 0; block < count; block++) {
    philox4x32(counter, key, out.subarray(4 * block, 4 * block + 4));
    advance(counter, 1);
  }
}

function advance(counter: Uint32Array, blocks: number): void {
  const sum = (counter[0] ?? 0) + blocks;
  counter[0] = sum;
  if (sum >= TWO_32) counter[1] = (counter[1] ?? 0) + 1;
}
