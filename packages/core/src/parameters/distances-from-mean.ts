import type { Parameters } from '../contracts/index.js';
import { dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';
import { sharesOf } from './weighted-mean.js';

/**
 * Every item's Euclidean distance from the mean `sum_k weights[k] / sum(weights) * items[k]`, over all tensors, `[items]`; the
 * items are read only once for both. The mean is float32 throughout, and so are differences from it; their squares are
 * summed in float64.
 *
 * Throws FEDX_PLUGIN_FAILED as `weightedMean` does.
 */
export function distancesFromMean(items: readonly Parameters[], weights: readonly number[]): Float64Array {
  const { first, factors } = sharesOf('distancesFromMean', items, weights);
  const count = items.length;
  const { kernels, stride, out, room, floats, doubles, each, load } = blocksOf({ rows: count, room: 12 * count });
  const factorsAt = room + 8 * count;
  const squares = doubles.subarray(room / 8, room / 8 + count).fill(0);
  floats.set(factors, factorsAt / 4);
  for (const [name, { data }] of Object.entries(first)) {
    const rows = items.map((item) => dataOf(item, name));
    each(data.length, (start, end, length) => {
      load(rows, start, end);
      kernels.weightedSum(0, stride, count, length, factorsAt, out);
      kernels.addSquaredDistances(0, stride, count, length, out, room);
    });
  }
  return squares.map(Math.sqrt);
}
