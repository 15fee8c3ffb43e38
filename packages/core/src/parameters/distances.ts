/** Distances of many sets of parameters. */
import type { Parameters } from '../contracts/index.js';
import { assertSameShapes, dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';

/**
 * Euclidean distance of each item from a point, over all tensors, `[items]`: right to the digits of float32, however large or
 * small. Throws FEDX_PLUGIN_FAILED where shapes differ.
 */
export function distancesFrom(point: Parameters, items: readonly Parameters[]): Float64Array {
  items.forEach((item) => {
    assertSameShapes('distancesFrom', point, item);
  });
  const count = items.length;
  const { kernels, stride, room, doubles, each, load } = blocksOf({ rows: count + 1, room: 8 * count });
  const squares = doubles.subarray(room / 8, room / 8 + count).fill(0);
  for (const [name, { data }] of Object.entries(count === 0 ? {} : point)) {
    const rows = [...items.map((item) => dataOf(item, name)), data];
    each(data.length, (start, end, length) => {
      load(rows, start, end);
      kernels.addSquaredDistances(0, stride, count, length, count * stride, room);
    });
  }
  return squares.map(Math.sqrt);
}

/** Squared Euclidean distances between all items, `[items][items]`, over all tensors and in float64. */
export function squaredDistances(items: readonly Parameters[]): readonly Float64Array[] {
  const [first = {}] = items;
  items.forEach((item) => {
    assertSameShapes('squaredDistances', first, item);
  });
  // The kernel goes over four rows at once; what the last of them give that are no items is not looked at.
  const count = Math.ceil(items.length / 4) * 4;
  const { kernels, stride, room, doubles, each, load, parts } = blocksOf({ rows: count, room: 8 * count * count });
  const sums = doubles.subarray(room / 8, room / 8 + count * count).fill(0);
  for (const [name, { data }] of Object.entries(first)) {
    const rows = items.map((item) => dataOf(item, name));
    each(data.length, (start, end, width) => {
      load(rows, start, end);
      parts(width, (from, length) => {
        kernels.addPairDistances(from, stride, count, length, room);
      });
    });
  }
  return items.map((_, i) =>
    Float64Array.from(items, (_, j) => sums[Math.max(i, j) * count + Math.min(i, j)] ?? Number.NaN),
  );
}
