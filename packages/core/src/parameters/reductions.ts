/**
 * One set of parameters from many. A server does this with every update of a cohort, so that the loops take four items at
 * once: the same sums in the same order, with a quarter of the reading and writing in between.
 */
import type { Parameters } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { assertSameShapes, build, dataOf, zerosLike } from './arithmetic.js';

/** Places that are looked at together: their values of 100 items fit the fastest cache. */
const BLOCK = 64;

/** How many items are added up together. */
const TOGETHER = 4;

/**
 * `sum_k weights[k] / sum(weights) * items[k]`, accumulated in float32 in the order of `items`.
 * Throws FEDX_PLUGIN_FAILED where shapes differ, there is no item, or weights are negative, not finite, or sum to zero.
 */
export function weightedMean(items: readonly Parameters[], weights: readonly number[]): Parameters {
  const mean = runningMean(weights);
  items.forEach(mean.add);
  return mean.result();
}

/** A weighted mean of items that come one after the other. */
export interface RunningMean {
  add(item: Parameters): void;
  /** Once there are as many items as weights. */
  result(): Parameters;
}

/** What {@link weightedMean} gives, of items that are not all there yet. Throws as that does. */
export function runningMean(weights: readonly number[]): RunningMean {
  const factors = sharesOf(weights);
  const waiting: Parameters[] = [];
  let added = 0;
  let sums: Parameters | undefined;

  function addUp(): void {
    const items = waiting.splice(0);
    sums ??= zerosLike(items[0] ?? {});
    for (const [name, { data }] of Object.entries(sums)) {
      const rows = items.map((item) => dataOf(item, name));
      addWeighted(data, rows, factors.subarray(added, added + rows.length));
    }
    added += items.length;
  }

  return {
    add(item) {
      assertSameShapes('weightedMean', sums ?? waiting[0] ?? item, item);
      waiting.push(item);
      if (waiting.length === TOGETHER) addUp();
    },
    result() {
      if (waiting.length > 0) addUp();
      return sums ?? {};
    },
  };
}

/**
 * Weights over their sum. Throws FEDX_PLUGIN_FAILED where there is none, or they are negative, not finite, or sum to zero.
 */
export function sharesOf(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total) || weights.some((weight) => weight < 0)) {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `A weighted mean needs weights of at least 0 with a positive sum, got [${weights.join(', ')}].`,
    );
  }
  return Float64Array.from(weights, (weight) => weight / total);
}

/** Adds `factors[k] * rows[k]` for one k of at most four after the other, each sum rounded to float32. */
function addWeighted(sum: Float32Array, rows: readonly Float32Array[], factors: Float64Array): void {
  // For what is missing at the end, -0 * 0 is added, which is -0 and changes no sum, not even one that was rounded to -0.
  const nothing = new Float32Array(rows.length < TOGETHER ? sum.length : 0);
  const [a = nothing, b = nothing, c = nothing, d = nothing] = rows;
  const [fa = -0, fb = -0, fc = -0, fd = -0] = factors;
  let i = 0;
  for (; i + 3 < sum.length; i += 4) {
    const j = i + 1;
    const l = i + 2;
    const m = i + 3;
    let one = Math.fround((sum[i] ?? 0) + fa * (a[i] ?? 0));
    let two = Math.fround((sum[j] ?? 0) + fa * (a[j] ?? 0));
    let three = Math.fround((sum[l] ?? 0) + fa * (a[l] ?? 0));
    let four = Math.fround((sum[m] ?? 0) + fa * (a[m] ?? 0));
    one = Math.fround(one + fb * (b[i] ?? 0));
    two = Math.fround(two + fb * (b[j] ?? 0));
    three = Math.fround(three + fb * (b[l] ?? 0));
    four = Math.fround(four + fb * (b[m] ?? 0));
    one = Math.fround(one + fc * (c[i] ?? 0));
    two = Math.fround(two + fc * (c[j] ?? 0));
    three = Math.fround(three + fc * (c[l] ?? 0));
    four = Math.fround(four + fc * (c[m] ?? 0));
    sum[i] = one + fd * (d[i] ?? 0);
    sum[j] = two + fd * (d[j] ?? 0);
    sum[l] = three + fd * (d[l] ?? 0);
    sum[m] = four + fd * (d[m] ?? 0);
  }
  for (; i < sum.length; i++) {
    const one = Math.fround((sum[i] ?? 0) + fa * (a[i] ?? 0));
    const two = Math.fround(one + fb * (b[i] ?? 0));
    const three = Math.fround(two + fc * (c[i] ?? 0));
    sum[i] = three + fd * (d[i] ?? 0);
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

/** Writes the values of some places to `block`, `[places, rows]`, in squares of four by four. */
function transpose(rows: readonly Float32Array[], start: number, places: number, block: Float32Array): void {
  const count = rows.length;
  const end = start + places;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const [a, b, c, d] = [rows[k] ?? block, rows[k + 1] ?? block, rows[k + 2] ?? block, rows[k + 3] ?? block];
    let i = start;
    let to = k;
    for (; i + 3 < end; i += 4, to += 4 * count) {
      const second = to + count;
      const third = second + count;
      const fourth = third + count;
      block[to] = a[i] ?? 0;
      block[second] = a[i + 1] ?? 0;
      block[third] = a[i + 2] ?? 0;
      block[fourth] = a[i + 3] ?? 0;
      block[to + 1] = b[i] ?? 0;
      block[second + 1] = b[i + 1] ?? 0;
      block[third + 1] = b[i + 2] ?? 0;
      block[fourth + 1] = b[i + 3] ?? 0;
      block[to + 2] = c[i] ?? 0;
      block[second + 2] = c[i + 1] ?? 0;
      block[third + 2] = c[i + 2] ?? 0;
      block[fourth + 2] = c[i + 3] ?? 0;
      block[to + 3] = d[i] ?? 0;
      block[second + 3] = d[i + 1] ?? 0;
      block[third + 3] = d[i + 2] ?? 0;
      block[fourth + 3] = d[i + 3] ?? 0;
    }
    for (; i < end; i++, to += count) {
      block[to] = a[i] ?? 0;
      block[to + 1] = b[i] ?? 0;
      block[to + 2] = c[i] ?? 0;
      block[to + 3] = d[i] ?? 0;
    }
  }
  for (; k < count; k++) {
    const row = rows[k] ?? block;
    for (let i = start, to = k; i < end; i++, to += count) block[to] = row[i] ?? 0;
  }
}
