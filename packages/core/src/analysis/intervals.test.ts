import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarisePairedDifferences, summariseSample } from './intervals.js';

const values = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 30 });

describe('summariseSample', () => {
  it('matches an example worked by hand', () => {
    // Mean 3, squared deviations 4 + 1 + 0 + 1 + 4 = 10, variance 10 / 4, margin 2.776 * sqrt(2.5) / sqrt(5) = 1.963.
    const { count, mean, standardDeviation, interval } = summariseSample([1, 2, 3, 4, 5]);
    expect([count, mean]).toEqual([5, 3]);
    expect(standardDeviation).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(interval?.[0]).toBeCloseTo(3 - 1.9632, 4);
    expect(interval?.[1]).toBeCloseTo(3 + 1.9632, 4);
  });

  it('is what SciPy says of accuracies over five seeds', () => {
    // scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95) of SciPy 1.17.1; numpy's std with ddof=1.
    const summary = summariseSample([0.8505, 0.8421, 0.8634, 0.8377, 0.8512]);
    expect(summary.mean).toBeCloseTo(0.84898, 12);
    expect(summary.standardDeviation).toBeCloseTo(0.009871018184564331, 12);
    expect(summary.interval?.[0]).toBeCloseTo(0.8367235120946116, 10);
    expect(summary.interval?.[1]).toBeCloseTo(0.8612364879053881, 10);
  });

  it('knows nothing of the spread of a single value', () => {
    expect(summariseSample([0.855])).toEqual({ count: 1, mean: 0.855 });
  });

  it('has an interval of no width for equal values', () => {
    expect(summariseSample([2, 2, 2])).toEqual({ count: 3, mean: 2, standardDeviation: 0, interval: [2, 2] });
  });

  it('refuses to summarise nothing', () => {
    expect(() => summariseSample([])).toThrow(expect.objectContaining({ code: 'FEDX_INTERNAL' }));
  });

  it('scales with its values', () => {
    fc.assert(
      fc.property(values, (sample) => {
        const one = summariseSample(sample);
        const eight = summariseSample(sample.map((value) => 8 * value));
        expect(eight.mean).toBe(8 * one.mean);
        expect(eight.standardDeviation).toBe(8 * (one.standardDeviation ?? Number.NaN));
      }),
    );
  });
});

describe('summarisePairedDifferences', () => {
  it('looks at each pair, not at the two means', () => {
    // The pairs differ by 1 each time, however much the seeds differ from one another.
    expect(summarisePairedDifferences([10, 20, 30], [9, 19, 29])).toEqual({
      count: 3,
      mean: 1,
      standardDeviation: 0,
      interval: [1, 1],
    });
  });

  it.each([
    ['by 0.003', [0.303, 0.688, 0.5], [0.3, 0.685, 0.497]],
    ['by 0.00013', [0.85013, 0.10013, 0.50013], [0.85, 0.1, 0.5]],
    ['not at all', [0.3, 0.6], [0.3, 0.6]],
  ])('has no p-value where all pairs differ alike but for rounding: %s', (_, a, b) => {
    expect(summarisePairedDifferences(a, b)).not.toHaveProperty('pValue');
  });

  it('has a p-value where differences are small, and not alike', () => {
    expect(summarisePairedDifferences([0.5 + 1e-9, 0.6 + 3e-9], [0.5, 0.6]).pValue).toBeCloseTo(0.2952, 3);
  });

  it('is what the paired t-test of SciPy says', () => {
    // scipy.stats.ttest_rel of SciPy 1.17.1: t = 4.373861621897562 with 4 degrees of freedom.
    const a = [0.8505, 0.8421, 0.8634, 0.8377, 0.8512];
    const b = [0.8391, 0.8402, 0.8515, 0.8316, 0.8409];
    const summary = summarisePairedDifferences(a, b);
    expect(summary.mean).toBeCloseTo(0.00832, 12);
    expect(summary.standardDeviation).toBeCloseTo(0.004253469172334496, 12);
    expect(summary.interval?.[0]).toBeCloseTo(0.0030386204612426887, 10);
    expect(summary.interval?.[1]).toBeCloseTo(0.0136013795387573, 10);
    expect(summary.pValue).toBeCloseTo(0.011931995293016855, 12);
  });

  it('changes its sign with the order', () => {
    fc.assert(
      fc.property(values, (a) => {
        const b = a.map((value) => value / 3);
        expect(summarisePairedDifferences(a, b).mean).toBeCloseTo(-summarisePairedDifferences(b, a).mean, 6);
      }),
    );
  });

  it('refuses to pair unequal numbers of values', () => {
    expect(() => summarisePairedDifferences([1, 2], [1])).toThrow(expect.objectContaining({ code: 'FEDX_INTERNAL' }));
  });
});
