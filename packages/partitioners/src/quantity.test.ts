import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelTotals, split, sum } from '../testing/split.js';
import { quantity } from './quantity.js';

const defaults = { minimumExamples: 1, attempts: 100 };

describe('quantity', () => {
  it.each([
    // 1, 2, 3 of 6; floors of 120 * cumulated shares.
    ['linear', { rule: 'linear' as const }, [20, 40, 60]],
    // 1, 1/2, 1/3 of 11/6: 65.45, 98.18, 120.
    ['power-law', { rule: 'power-law' as const, exponent: 1 }, [65, 33, 22]],
    // With rate ln 2: 1, 2, 4 of 7: 17.14, 51.43, 120.
    ['exponential', { rule: 'exponential' as const, rate: Math.LN2 }, [17, 34, 69]],
  ])('gives 3 clients sizes by the %s rule', (_, options, sizes) => {
    expect(split(quantity, { ...defaults, clients: 3, ...options }, [60, 60]).map(sum)).toEqual(sizes);
  });

  it('draws dirichlet sizes anew until every client has the minimum', () => {
    const draws = [
      [0.95, 0.05],
      [0.6, 0.4],
    ];
    const random = { ...createRandom(1), dirichlet: () => draws.shift() ?? [] };
    const options = { ...defaults, clients: 2, rule: 'dirichlet' as const, alpha: 1, minimumExamples: 10 };
    expect(split(quantity, options, [50, 50], random).map(sum)).toEqual([60, 40]);
  });

  it('gives equal sizes as alpha goes to infinity', () => {
    const sizes = split(quantity, { ...defaults, clients: 4, rule: 'dirichlet', alpha: 1e9 }, [200, 200]).map(sum);
    for (const size of sizes) expect(Math.abs(size - 100)).toBeLessThanOrEqual(1);
  });

  it('gives every client the labels of the whole', () => {
    const quotas = split(quantity, { ...defaults, clients: 4, rule: 'linear' }, [10_000, 10_000]);
    for (const quota of quotas) {
      const size = sum(quota);
      expect(Math.abs((quota[0] ?? 0) - size / 2)).toBeLessThan(4 * Math.sqrt(size / 4));
    }
  });

  it('uses every example once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (counts, clients, exponent) => {
          fc.pre(sum(counts) >= 25);
          const quotas = split(quantity, { ...defaults, clients, rule: 'power-law', exponent }, counts);
          expect(labelTotals(quotas)).toEqual(counts);
        },
      ),
    );
  });

  it.each([
    ['a client below the minimum', { rule: 'exponential' as const, rate: 5 }, 'leaves a client with 0 of 60 examples'],
    ['sizes that never reach it', { rule: 'dirichlet' as const, alpha: 1e-9 }, 'leaves a client with 0'],
    ['a minimum beyond the data', { rule: 'linear' as const, minimumExamples: 30 }, 'need 90, but there are 60'],
  ])('refuses %s', (_, options, message) => {
    expect(() => split(quantity, { ...defaults, clients: 3, ...options }, [30, 30])).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE', message: expect.stringContaining(message) }),
    );
  });
});
