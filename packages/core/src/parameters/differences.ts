import { blocksOf } from './blocks.js';

/**
 * Writes `end - start`, rounded to float32, and gives the sum of the squares of what it wrote, in float64: of every fourth
 * place first. Memory is slower than the arithmetic, and is gone through once.
 */
export function writeDifferences(out: Float32Array, end: Float32Array, start: Float32Array): number {
  const { kernels, stride, out: result, room, doubles, each, load, store } = blocksOf({ rows: 2, room: 32 });
  const sums = doubles.subarray(room / 8, room / 8 + 4).fill(0);
  each(out.length, (from, to, length) => {
    load([end, start], from, to);
    kernels.differences(0, stride, length, result, room);
    store(out, from, to);
  });
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = sums;
  return s0 + s1 + (s2 + s3);
}
