import { FedxError } from '../errors/index.js';
import { studentsTQuantile, studentsTwoSided } from './students-t.js';

/** A metric over repetitions, such as seeds. */
export interface SampleSummary {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (divisor `count - 1`); absent for a single value. */
  readonly standardDeviation?: number;
  /** 95 % confidence interval of the mean, by Student's t with `count - 1` degrees of freedom; absent for a single value. */
  readonly interval?: readonly [low: number, high: number];
}

/** A difference over pairs. */
export interface PairedSummary extends SampleSummary {
  /**
   * Two-sided p-value of the paired t-test of no difference; absent for a single pair and where all pairs differ alike,
   * up to rounding.
   */
  readonly pValue?: number;
}

/** A standard deviation of differences that is no larger, beside the largest value, is rounding and not spread. */
const ROUNDING = 1e-12;

/** Mean, spread and confidence interval of independent values. Throws FEDX_INTERNAL where there are none. */
export function summariseSample(values: readonly number[]): SampleSummary {
  const count = values.length;
  if (count === 0) throw new FedxError('FEDX_INTERNAL', 'No values to summarise.');
  const mean = sum(values) / count;
  if (count === 1) return { count, mean };
  const standardDeviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (count - 1));
  const margin = (studentsTQuantile(0.975, count - 1) * standardDeviation) / Math.sqrt(count);
  return { count, mean, standardDeviation, interval: [mean - margin, mean + margin] };
}

/**
 * Summary of `a[i] - b[i]`, where entry i of both comes from the same seed: what the two share (the same test images,
 * the same initial model) cancels, so the interval is narrower than that of two separate means.
 * Throws FEDX_INTERNAL where the lengths differ or are 0.
 */
export function summarisePairedDifferences(a: readonly number[], b: readonly number[]): PairedSummary {
  if (a.length !== b.length) throw new FedxError('FEDX_INTERNAL', `Cannot pair ${a.length} values with ${b.length}.`);
  const summary = summariseSample(a.map((value, i) => value - (b[i] ?? Number.NaN)));
  const { count, mean, standardDeviation = 0 } = summary;
  const largest = Math.max(...[...a, ...b].map(Math.abs));
  if (standardDeviation <= ROUNDING * largest) return summary;
  return { ...summary, pValue: studentsTwoSided((mean * Math.sqrt(count)) / standardDeviation, count - 1) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
