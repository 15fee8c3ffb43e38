import { type Kernels, kernelsWith } from './kernels.js';

/** Bytes of a block: few enough for a processor's caches, and so many that the rows are read in long runs. */
const BLOCK = 1_600_000;

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
  /** Cuts columns in blocks of `start` to before `end`, each row of which has `length` bytes, a multiple of 64. */
  each(columns: number, work: (start: number, end: number, length: number) => void): void;
  /** Copies the values `start` to before `end` of some rows to where a block has its rows, with zeros behind their ends. */
  load(rows: readonly Float32Array[], start: number, end: number): void;
  /** Copies what the kernels wrote to `out` to the values `start` to before `end` of a result. */
  store(result: Float32Array, start: number, end: number): void;
  /** Cuts `length` bytes in parts that the first cache holds of every row. */
  parts(length: number, work: (from: number, length: number) => void): void;
}

export interface BlockSize {
  /** Rows of a block. */
  readonly rows: number;
  /** Values of a row in a block; default: so many that the block is of about {@link BLOCK} bytes. */
  readonly places?: number;
  /** Bytes beside it. */
  readonly room: number;
}

export function blocksOf({ rows: count, room, places: given }: BlockSize): Blocks {
  const part = STEP * Math.max(1, Math.min(16, Math.floor(PART / (count * STEP * BYTES))));
  const places = given ?? part * Math.max(1, Math.min(64, Math.floor(BLOCK / (count * part * BYTES))));
  // Rows an even number of steps apart would fall on some of a cache's lines only, and those a power of two apart on very few.
  const stride = ((places / STEP) | 1) * STEP * BYTES;
  const out = count * stride;
  const kernels = kernelsWith(out + stride + room);
  const { buffer } = kernels.memory;
  const floats = new Float32Array(buffer);
  const widthOf = (values: number): number => Math.ceil(values / STEP) * STEP;
  return {
    kernels,
    stride,
    out,
    room: out + stride,
    floats,
    doubles: new Float64Array(buffer),
    integers: new Int32Array(buffer),
    each(columns, work) {
      for (let start = 0; start < columns; start += places) {
        const end = Math.min(start + places, columns);
        work(start, end, widthOf(end - start) * BYTES);
      }
    },
    load(rows, start, end) {
      const width = widthOf(end - start);
      rows.forEach((row, k) => {
        const at = (k * stride) / BYTES;
        floats.set(row.subarray(start, end), at);
        if (width > end - start) floats.fill(0, at + end - start, at + width);
      });
    },
    store(result, start, end) {
      result.set(floats.subarray(out / BYTES, out / BYTES + end - start), start);
    },
    parts(length, work) {
      for (let from = 0; from < length; from += part * BYTES) work(from, Math.min(part * BYTES, length - from));
    },
  };
}
