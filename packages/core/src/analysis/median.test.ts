import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summariseMedian } from './median.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('summariseMedian', () => {
  // Ranks and confidences of the table of the sign test's interval, e.g. Conover 1999, table A3 halved.
  it.each([
    [6, [1, 6], 0.9688],
    [10, [2, 9], 0.9785],
    [20, [6, 15], 0.9586],
    [30, [10, 21], 0.9572],
  ])('takes the published ranks of %d values', (count, interval, confidence) => {
    const summary = summariseMedian(upTo(count).toReversed());
    expect(summary).toMatchObject({ count, median: (count + 1) / 2, interval });
    expect(summary.confidence).toBeCloseTo(confidence, 4);
  });

  it('spans all of five values and says that this is less than 95 %', () => {
    expect(summariseMedian([87, 80, 95, 90, 83])).toEqual({
      count: 5,
      median: 87,
      interval: [80, 95],
      confidence: 0.9375,
    });
  });

  it('has no interval for a single value', () => {
    expect(summariseMedian([3])).toEqual({ count: 1, median: 3 });
  });

  it('knows the median as long as what is only known to be large is not in the middle', () => {
    const never = Number.POSITIVE_INFINITY;
    expect(summariseMedian([never, 10, 20, never, 30]).median).toBe(30);
    expect(summariseMedian([never, 10, 20, never]).median).toBe(never);
    expect(summariseMedian([never, never]).median).toBe(never);
  });

  it('does not depend on the order of the values', () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, (sample) => {
        expect(summariseMedian(sample.toReversed())).toEqual(summariseMedian(sample));
      }),
    );
  });
});
