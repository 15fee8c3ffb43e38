import { FedxError } from '../errors/index.js';

/** The middle of a sample. Infinite where a value that is only known to be large is in the middle. */
export interface MedianSummary {
  readonly count: number;
  readonly median: number;
  /** Confidence interval of the median, from the sample's own values; absent for a single one. */
  readonly interval?: readonly [low: number, high: number];
  /** How often such an interval holds the median: 0.95 or more, or with fewer than six values what all of them reach. */
  readonly confidence?: number;
}

const LEAST_CONFIDENCE = 0.95;

/**
 * Median and its confidence interval by order statistics (Conover 1999, "Practical nonparametric statistics", section
 * 3.2): of n sorted values, the k-th from either end hold the median with probability `1 - 2 P(Binomial(n, 1/2) < k)`,
 * whatever the distribution. k is the largest with at least 95 %; of fewer than six values that is none, and the interval is
 * from the smallest to the largest. Values may be infinite: what counts is their order. Throws FEDX_INTERNAL where there
 * are none.
 */
export function summariseMedian(values: readonly number[]): MedianSummary {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const at = (position: number): number => sorted[position - 1] ?? Number.NaN;
  if (count === 0) throw new FedxError('FEDX_INTERNAL', 'No values to summarise.');
  const [low, high] = [at(Math.floor((count + 1) / 2)), at(Math.ceil((count + 1) / 2))];
  const median = low === high ? low : (low + high) / 2;
  if (count === 1) return { count, median };
  let rank = 1;
  while (confidenceOf(count, rank + 1) >= LEAST_CONFIDENCE) rank++;
  return { count, median, interval: [at(rank), at(count + 1 - rank)], confidence: confidenceOf(count, rank) };
}

/** `1 - 2 P(Binomial(count, 1/2) < rank)`. */
function confidenceOf(count: number, rank: number): number {
  let term = 0.5 ** count;
  let below = 0;
  for (let k = 0; k < rank; k++) {
    below += term;
    term *= (count - k) / (k + 1);
  }
  return 1 - 2 * below;
}
