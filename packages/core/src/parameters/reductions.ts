/**
 * One set of parameters from many. A server does this with every update of a cohort, so that the loops take four items at
 * once: the same sums in the same order, with a quarter of the reading and writing in between.
 */
import type { Parameters } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { assertSameShapes, build, dataOf } from './arithmetic.js';

/** Places that are looked at together: their values of 100 items fit the fastest cache. */
const BLOCK = 64;

/**
 * `sum_k weights[k] / sum(weights) * items[k]`, accumulated in float32 in the order of `items`.
 * Throws FEDX_PLUGIN_FAILED where weights are negative, not finite, or sum to zero.
 */
export function weightedMean(items: readonly Parameters[], weights: readonly number[]): Parameters {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const [first] = items;
  if (first === undefined || !(total > 0) || !Number.isFinite(total) || weights.some((weight) => weight < 0)) {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `A weighted mean needs weights of at least 0 with a positive sum, got [${weights.join(', ')}].`,
    );
  }
  items.forEach((item) => {
    assertSameShapes('weightedMean', first, item);
  });
  const factors = Float64Array.from(weights, (weight) => weight / total);
  return build(first, (mean, _, name) => {
    addWeighted(
      mean,
      items.map((item) => dataOf(item, name)),
      factors,
    );
  });
}

/** Adds `factors[k] * rows[k]` for one k after the other, each sum rounded to float32. */
function addWeighted(sum: Float32Array, rows: readonly Float32Array[], factors: Float64Array): void {
  const nothing = new Float32Array(sum.length);
  for (let k = 0; k < rows.length; k += 4) {
    // For what is missing at the end, -0 * 0 is added, which is -0 and changes no sum, not even one that was rounded to -0.
    const [a, b, c, d] = [rows[k] ?? nothing, rows[k + 1] ?? nothing, rows[k + 2] ?? nothing, rows[k + 3] ?? nothing];
    const [fa, fb, fc, fd] = [factors[k] ?? -0, factors[k + 1] ?? -0, factors[k + 2] ?? -0, factors[k + 3] ?? -0];
    for (let i = 0; i < sum.length; i++) {
      const one = Math.fround((sum[i] ?? 0) + fa * (a[i] ?? 0));
      const two = Math.fround(one + fb * (b[i] ?? 0));
      const three = Math.fround(two + fc * (c[i] ?? 0));
      sum[i] = three + fd * (d[i] ?? 0);
    }
  }
}

/**
 * One value from the values that all items have in a place, place by place. `choose` gets them in the order of the items, in
 * an array that it may change.
 */
export function coordinateWise(items: readonly Parameters[], choose: (values: Float32Array) => number): Parameters {
  const [first] = items;
  if (first === undefined)
    throw new FedxError('FEDX_PLUGIN_FAILED', 'parameters.coordinateWise needs at least one item.');
  items.forEach((item) => {
    assertSameShapes('coordinateWise', first, item);
  });
  const count = items.length;
  const block = new Float32Array(BLOCK * count);
  const columns = Array.from({ length: BLOCK }, (_, i) => block.subarray(i * count, (i + 1) * count));
  return build(first, (out, _, name) => {
    const rows = items.map((item) => dataOf(item, name));
    for (let start = 0; start < out.length; start += BLOCK) {
      const places = Math.min(BLOCK, out.length - start);
      transpose(rows, start, places, block);
      for (let i = 0; i < places; i++) out[start + i] = choose(columns[i] ?? block);
    }
  });
}

/** Writes the values of some places to `block`, `[places, rows]`. */
function transpose(rows: readonly Float32Array[], start: number, places: number, block: Float32Array): void {
  const count = rows.length;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const [a, b, c, d] = [rows[k] ?? block, rows[k + 1] ?? block, rows[k + 2] ?? block, rows[k + 3] ?? block];
    for (let i = 0, to = k; i < places; i++, to += count) {
      block[to] = a[start + i] ?? 0;
      block[to + 1] = b[start + i] ?? 0;
      block[to + 2] = c[start + i] ?? 0;
      block[to + 3] = d[start + i] ?? 0;
    }
  }
  for (; k < count; k++) {
    const row = rows[k] ?? block;
    for (let i = 0, to = k; i < places; i++, to += count) block[to] = row[start + i] ?? 0;
  }
}
