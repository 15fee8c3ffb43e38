import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianOf, selectorOf, trimmedMeanOf } from './order-statistics.js';

/** Values with ties, heavy tails and an outlier now and then. */
const samples = fc.array(
  fc.oneof(
    fc.constantFrom(-1, 0, 0.5, 3e38, -3e38),
    fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }),
  ),
  { minLength: 1, maxLength: 130 },
);
/** Comparisons do not tell the zeros apart, so that which of them stands at a rank is of no account. */
const oneZero = (value: number): number => value + 0;
const sorted = (values: readonly number[]): Float32Array => Float32Array.from(values).sort();

describe('order statistics', () => {
  it('select what sorting puts at a rank', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (values, at) => {
        const rank = Math.floor(at * values.length);
        const selected = selectorOf(values.length, rank)(Float32Array.from(values));
        expect(oneZero(selected)).toBe(oneZero(sorted(values)[rank] ?? NaN));
      }),
      { numRuns: 300 },
    );
  });

  it('take the mean of the two in the middle of an even number', () => {
    expect(medianOf(4)(Float32Array.of(4, 100, 1, 2))).toBe(3);
    expect(medianOf(4)(Float32Array.of(2, 2, 2, 5))).toBe(2);
    fc.assert(
      fc.property(samples, (values) => {
        const all = sorted(values);
        const [lower = NaN, upper = NaN] = [all[(all.length - 1) >> 1], all[all.length >> 1]];
        expect(oneZero(medianOf(values.length)(Float32Array.from(values)))).toBe(oneZero((lower + upper) / 2));
      }),
    );
  });

  it('leave out as many at each end, ties or not', () => {
    expect(trimmedMeanOf(5, 1)(Float32Array.of(9, 1, 1, 1, 3))).toBeCloseTo(5 / 3, 12);
    expect(trimmedMeanOf(4, 1)(Float32Array.of(7, 7, 7, 7))).toBe(7);
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 0.49, noNaN: true }), (values, share) => {
        const cut = Math.floor(share * values.length);
        const kept = sorted(values).subarray(cut, values.length - cut);
        const expected = kept.reduce((sum, value) => sum + value / kept.length, 0);
        const scale = Math.max(...kept.map(Math.abs), 1);
        expect(Math.abs(trimmedMeanOf(values.length, cut)(Float32Array.from(values)) - expected) / scale).toBeLessThan(
          1e-12,
        );
      }),
    );
  });
});
