/** Means of what a cohort sends. A server takes one or two of them a round, over all that came. */
import type { Parameters } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { assertSameShapes, build, dataOf, zerosLike } from './arithmetic.js';
import { blocksOf } from './blocks.js';

/** Rows that are looked at together, and values of each: they fit a processor's second cache, and are read in long runs. */
const ROWS = 8;
const PLACES = 8192;

export interface MeanWithNorms {
  readonly mean: Parameters;
  /** Euclidean norm of each item, over all tensors, `[items]`. */
  readonly norms: Float64Array;
}

/** A weighted mean of items that come one after the other. */
export interface RunningMean {
  add(item: Parameters): void;
  /** Once there are as many items as weights. */
  result(): Parameters;
}

/**
 * `sum_k weights[k] / sum(weights) * items[k]`, in the order of `items`: each product and sum is float64, and each sum
 * rounded to float32. Throws FEDX_PLUGIN_FAILED where shapes differ, there is no item, or weights are negative, not finite, or sum
 * to zero.
 */
export function weightedMean(items: readonly Parameters[], weights: readonly number[]): Parameters {
  const { first, factors } = sharesOf('weightedMean', items, weights);
  return build(first, (sum, _, name) => {
    addWeighted(sum, rowsOf(items, name), factors);
  });
}

/** {@link weightedMean} and every item's Euclidean norm, for which the items are read only once; norms are right to the digits of float32. */
export function meanWithNorms(items: readonly Parameters[], weights: readonly number[]): MeanWithNorms {
  const { first, factors } = sharesOf('meanWithNorms', items, weights);
  const squares = new Float64Array(items.length);
  const mean = build(first, (sum, _, name) => {
    addWeighted(sum, rowsOf(items, name), factors, squares);
  });
  return { mean, norms: squares.map(Math.sqrt) };
}

/** What {@link weightedMean} gives, of items that are not all there yet. Throws as that does. */
export function runningMean(weights: readonly number[]): RunningMean {
  const factors = factorsOf(weights);
  const waiting: Parameters[] = [];
  let added = 0;
  let sums: Parameters | undefined;

  function addUp(): void {
    const items = waiting.splice(0);
    sums ??= zerosLike(items[0] ?? {});
    for (const [name, { data }] of Object.entries(sums))
      addWeighted(data, rowsOf(items, name), factors.subarray(added, added + items.length));
    added += items.length;
  }

  return {
    add(item) {
      assertSameShapes('runningMean', sums ?? waiting[0] ?? item, item);
      waiting.push(item);
      if (waiting.length === ROWS) addUp();
    },
    result() {
      if (waiting.length > 0) addUp();
      return sums ?? {};
    },
  };
}

function rowsOf(items: readonly Parameters[], name: string): readonly Float32Array[] {
  return items.map((item) => dataOf(item, name));
}

/** Adds `factors[k] * rows[k]` for one k after the other, and, where asked for, the squares of every row to `squares[k]`. */
function addWeighted(
  sum: Float32Array,
  rows: readonly Float32Array[],
  factors: Float64Array,
  squares?: Float64Array,
): void {
  const count = rows.length;
  // Behind the rows stands one of zeros: a norm is the distance from there.
  const { kernels, stride, out, room, floats, doubles, each, load, store } = blocksOf({
    rows: ROWS + 1,
    places: PLACES,
    room: 16 * count,
  });
  const zeros = ROWS * stride;
  const squaresAt = room + 8 * count;
  doubles.set(factors, room / 8);
  if (squares !== undefined) {
    floats.fill(0, zeros / 4, out / 4);
    doubles.set(squares, squaresAt / 8);
  }
  each(sum.length, (start, end, length) => {
    floats.set(sum.subarray(start, end), out / 4);
    for (let from = 0; from < count; from += ROWS) {
      const to = Math.min(from + ROWS, count);
      load(rows.slice(from, to), start, end);
      kernels.addWeighted(0, stride, length, room + 8 * from, room + 8 * to, out);
      if (squares !== undefined) kernels.addSquaredDistances(0, stride, to - from, length, zeros, squaresAt + 8 * from);
    }
    store(sum, start, end);
  });
  squares?.set(doubles.subarray(squaresAt / 8, squaresAt / 8 + count));
}

/** The first of some items, which are all of its shapes, and the weights over their sum. Throws FEDX_PLUGIN_FAILED as `weightedMean` does. */
export function sharesOf(
  operation: string,
  items: readonly Parameters[],
  weights: readonly number[],
): { first: Parameters; factors: Float64Array } {
  const [first = {}] = items;
  const factors = factorsOf(items.length === 0 ? [] : weights);
  items.forEach((item) => {
    assertSameShapes(operation, first, item);
  });
  return { first, factors };
}

/** Weights over their sum. */
function factorsOf(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total) || weights.some((weight) => weight < 0)) {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `A weighted mean needs weights of at least 0 with a positive sum, got [${weights.join(', ')}].`,
    );
  }
  return Float64Array.from(weights, (weight) => weight / total);
}
