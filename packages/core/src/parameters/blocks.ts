import { type Kernels, kernelsWith } from './kernels.js';

/** Bytes of a block: fits a processor's second cache. */
const BLOCK = 400_000;

/** Bytes of a part of it: fits its first. */
const PART = 28_000;

/** Values in a step of the kernels. */
const STEP = 16;

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Blocks of columns of many rows, in the memory of the kernels. All numbers are addresses or lengths in bytes. */
export interface Blocks {
  readonly kernels: Kernels;
  /** Row k of a block is `k * stride` on. */
  readonly stride: number;
  /** Where a block's result goes. */
  readonly out: number;
  /** Where the room that was asked for starts; a multiple of 16. */
  readonly room: number;
  /** The memory, as what it is looked at. */
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  /**
   * Calls `reduce` with block after block of `rows`, from address 0 on, and copies to `result` what it writes to `out`.
   * `length` is a multiple of 64; behind the rows' ends are zeros.
   */
  each(rows: readonly Float32Array[], result: Float32Array, reduce: (length: number) => void): void;
  /** Cuts `length` bytes in parts that the first cache holds of every row. */
  parts(length: number, work: (from: number, length: number) => void): void;
}

/** Blocks of `count` rows, with `room` bytes beside them. */
export function blocksOf(count: number, room: number): Blocks {
  const part = STEP * Math.max(1, Math.min(16, Math.floor(PART / (count * STEP * BYTES))));
  const places = part * Math.max(1, Math.min(16, Math.floor(BLOCK / (count * part * BYTES))));
  // Rows a power of two apart would fall on the same few lines of a cache.
  const stride = (places + STEP) * BYTES;
  const out = count * stride;
  const kernels = kernelsWith(out + stride + room);
  const { buffer } = kernels.memory;
  const floats = new Float32Array(buffer);
  return {
    kernels,
    stride,
    out,
    room: out + stride,
    floats,
    doubles: new Float64Array(buffer),
    integers: new Int32Array(buffer),
    each(rows, result, reduce) {
      for (let start = 0; start < result.length; start += places) {
        const end = Math.min(start + places, result.length);
        const width = Math.ceil((end - start) / STEP) * STEP;
        rows.forEach((row, k) => {
          const at = (k * stride) / BYTES;
          floats.set(row.subarray(start, end), at);
          if (width > end - start) floats.fill(0, at + end - start, at + width);
        });
        reduce(width * BYTES);
        result.set(floats.subarray(out / BYTES, out / BYTES + end - start), start);
      }
    },
    parts(length, work) {
      for (let from = 0; from < length; from += part * BYTES) work(from, Math.min(part * BYTES, length - from));
    },
  };
}
