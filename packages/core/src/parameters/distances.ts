/** Distances between many sets of parameters. */
import type { Parameters } from '../contracts/index.js';
import { assertSameShapes, dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';

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
