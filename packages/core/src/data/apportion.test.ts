import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion } from './apportion.js';

describe('apportion', () => {
  it('gives what is left over to the largest remainders', () => {
    // 10 in proportion to 1 : 2 : 4 is 1.43, 2.86, 5.71: floors 1, 2, 5, and the two left go to .86 and .71.
    expect(apportion(10, [1, 2, 4])).toEqual([1, 3, 6]);
  });

  it('breaks ties in favour of the earlier entry', () => {
    expect(apportion(4, [1, 1, 1])).toEqual([2, 1, 1]);
    expect(apportion(2, [7, 7, 7])).toEqual([1, 1, 0]);
  });

  it('breaks ties in favour of those that had less before, where that is told', () => {
    expect(apportion(4, [1, 1, 1], [2, 1, 1])).toEqual([1, 2, 1]);
    expect(apportion(2, [7, 7, 9], [0, 3, 9])).toEqual([1, 0, 1]);
  });

  it('gives all zeros for weights that are all zero', () => {
    expect(apportion(3, [0, 0])).toEqual([0, 0]);
  });

  it('sums to the total, stays within one of the exact share, and never exceeds whole weights', () => {
    const weights = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 30 }).filter((list) => sum(list) > 0);
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const total = Math.floor(share * sum(list));
        const parts = apportion(total, list);
        expect(sum(parts)).toBe(total);
        parts.forEach((part, entry) => {
          const weight = list[entry] ?? 0;
          expect(part).toBeLessThanOrEqual(weight);
          expect(Math.abs(part - (total * weight) / sum(list))).toBeLessThan(1);
        });
      }),
    );
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
