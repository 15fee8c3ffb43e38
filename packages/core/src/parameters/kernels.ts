import { instantiate } from '../web-assembly.js';
import { kernelsWasm } from './kernels-wasm.js';

/** The loops of `kernels.wat`, which says what each takes. */
export interface Kernels {
  readonly memory: Memory;
  exchange(unit: number, end: number, from: number, length: number): void;
  meanOfRows(row: number, end: number, from: number, length: number, out: number, divisor: number): void;
  addWeighted(from: number, stride: number, length: number, weights: number, end: number, out: number): void;
  weightedSum(from: number, stride: number, rows: number, length: number, weights: number, out: number): void;
  differences(a: number, b: number, length: number, out: number, sums: number): void;
  addSquaredDistances(from: number, stride: number, rows: number, length: number, point: number, sums: number): void;
  addPairDistances(from: number, stride: number, rows: number, length: number, sums: number): void;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. Views of the buffer before are empty then. */
  grow(pages: number): void;
}

const PAGE = 65_536;

let kernels: Kernels | undefined;

/** This thread's kernels, with a memory of at least so many bytes. No two of their calls overlap, so that all share one. */
export function kernelsWith(bytes: number): Kernels {
  kernels ??= instantiate(kernelsWasm) as Kernels;
  const missing = bytes - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE));
  return kernels;
}
