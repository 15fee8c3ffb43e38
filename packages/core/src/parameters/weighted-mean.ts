/** Means of what a cohort sends. A server takes one or two of them a round, over all that came. */
import type { Parameters } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { assertSameShapes, build, dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';

/** Rows that are looked at together, and values of each: they fit a processor's second cache, and are read in long runs. */
const ROWS = 8;
const PLACES = 8192;

export interface MeanWithNorms {
  readonly mean: Parameters;
  /** Euclidean norm of each item, over all tensors, `[items]`. */
  readonly norms: Float64Array;
}

/**
 * `sum_k weights[k] / sum(weights) * items[k]`, in the order of `items`: each product and sum is float64, and each sum
 * rounded to float32. Throws FEDX_PLUGIN_FAILED where weights are negative, not finite, or sum to zero.
 */
export function weightedMean(items: readonly Parameters[], weights: readonly number[]): Parameters {
  return sweep('weightedMean', items, weights, false).mean;
}

/** {@link weightedMean} and every item's Euclidean norm, for which the items are read only once; squares are summed in float64. */
export function meanWithNorms(items: readonly Parameters[], weights: readonly number[]): MeanWithNorms {
  return sweep('meanWithNorms', items, weights, true);
}

function sweep(
  operation: string,
  items: readonly Parameters[],
  weights: readonly number[],
  isNormed: boolean,
): MeanWithNorms {
  const { first, factors } = sharesOf(operation, items, weights);
  const count = items.length;
  // Behind the rows stands one of zeros: a norm is the distance from there.
  const { kernels, stride, out, room, floats, doubles, each, load, store } = blocksOf({
    rows: ROWS + 1,
    places: PLACES,
    room: 16 * count,
  });
  const zeros = ROWS * stride;
  const squaresAt = room + 8 * count;
  floats.fill(0, zeros / 4, out / 4);
  doubles.set(factors, room / 8);
  const squares = doubles.subarray(squaresAt / 8, squaresAt / 8 + count).fill(0);
  const mean = build(first, (sum, _, name) => {
    const rows = items.map((item) => dataOf(item, name));
    each(sum.length, (start, end, length) => {
      floats.fill(0, out / 4, (out + length) / 4);
      for (let from = 0; from < count; from += ROWS) {
        const to = Math.min(from + ROWS, count);
        load(rows.slice(from, to), start, end);
        kernels.addWeighted(0, stride, length, room + 8 * from, room + 8 * to, out);
        if (isNormed) kernels.addSquaredDistances(0, stride, to - from, length, zeros, squaresAt + 8 * from);
      }
      store(sum, start, end);
    });
  });
  return { mean, norms: squares.map(Math.sqrt) };
}

/**
 * The first of some items, which are all of its shapes, and the weights over their sum. Throws FEDX_PLUGIN_FAILED where
 * shapes differ, there is no item, or weights are negative, not finite, or sum to zero.
 */
export function sharesOf(
  operation: string,
  items: readonly Parameters[],
  weights: readonly number[],
): { first: Parameters; factors: Float64Array } {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const [first] = items;
  if (first === undefined || !(total > 0) || !Number.isFinite(total) || weights.some((weight) => weight < 0)) {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `A weighted mean needs weights of at least 0 with a positive sum, got [${weights.join(', ')}].`,
    );
  }
  items.forEach((item) => {
    assertSameShapes(operation, first, item);
  });
  return { first, factors: Float64Array.from(weights, (weight) => weight / total) };
}
