import type { Parameters } from '../contracts/index.js';
import { build, dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';
import { sharesOf } from './weighted-mean.js';

export interface MeanWithDistances {
  readonly mean: Parameters;
  /** Euclidean distance of each item from the mean, over all tensors, `[items]`. */
  readonly distances: Float64Array;
}

/**
 * The mean `sum_k weights[k] / sum(weights) * items[k]` and every item's distance from it, for which the items are read only
 * once. The mean is float32 throughout, and so are differences from it; distances are right to the digits of float32, however
 * large or small.
 *
 * Throws FEDX_PLUGIN_FAILED as `weightedMean` does.
 */
export function meanWithDistances(items: readonly Parameters[], weights: readonly number[]): MeanWithDistances {
  const { first, factors } = sharesOf('meanWithDistances', items, weights);
  const count = items.length;
  const { kernels, stride, out, room, floats, doubles, each, load, store } = blocksOf({
    rows: count,
    room: 12 * count,
  });
  const factorsAt = room + 8 * count;
  const squares = doubles.subarray(room / 8, room / 8 + count).fill(0);
  floats.set(factors, factorsAt / 4);
  const mean = build(first, (sum, _, name) => {
    const rows = items.map((item) => dataOf(item, name));
    each(sum.length, (start, end, length) => {
      load(rows, start, end);
      kernels.weightedSum(0, stride, count, length, factorsAt, out);
      kernels.addSquaredDistances(0, stride, count, length, out, room);
      store(sum, start, end);
    });
  });
  return { mean, distances: squares.map(Math.sqrt) };
}
