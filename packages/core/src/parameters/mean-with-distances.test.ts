import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, meanWithDistances, weightedMean } from './index.js';

const point = (x: number, y: number) => ({
  x: { shape: [1], data: Float32Array.of(x) },
  y: { shape: [1], data: Float32Array.of(y) },
});
const float = fc.float({ noNaN: true, min: -100, max: 100 });

describe('distances from the mean', () => {
  it('of three corners by hand', () => {
    expect([...meanWithDistances([point(0, 0), point(6, 0), point(0, 8)], [0, 1, 1]).distances]).toEqual([5, 5, 5]);
  });

  it('are those from the weighted mean, each item by itself', () => {
    const tables = fc
      .record({ count: fc.integer({ min: 1, max: 40 }), length: fc.constantFrom(1, 17, 300, 9000) })
      .chain(({ count, length }) =>
        fc.record({
          length: fc.constant(length),
          rows: fc.array(fc.array(float, { minLength: 23, maxLength: 23 }), { minLength: count, maxLength: count }),
          weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: count, maxLength: count }),
        }),
      );
    fc.assert(
      fc.property(tables, ({ rows, length, weights }) => {
        const items = rows.map((row) => ({
          w: { shape: [length], data: Float32Array.from({ length }, (_, i) => row[i % row.length] ?? 0) },
          b: { shape: [1], data: Float32Array.of(row[0] ?? 0) },
        }));
        const mean = weightedMean(items, weights);
        const found = meanWithDistances(items, weights);
        // A value of the mean is rounded to float32 after each of some 40 products and sums of numbers up to 100.
        const most = 80 * 100 * 2 ** -24 * Math.sqrt(length + 1);
        expect(distance(found.mean, mean)).toBeLessThanOrEqual(most);
        found.distances.forEach((one, k) => {
          const alone = distance(mean, items[k] ?? {});
          expect(Math.abs(one - alone)).toBeLessThanOrEqual(1e-6 * alone + most);
        });
      }),
      { numRuns: 30 },
    );
  });

  it.each([1e-30, 1e-20, 1e-16, 1e-13, 1, 1e13, 1e18, 1e21, 1e30])('are right for differences of about %d', (size) => {
    const row = (sign: number) => Float32Array.from({ length: 3000 }, (_, i) => sign * size * (1 + (i % 7)));
    const items = [row(0), row(2)].map((data) => ({ w: { shape: [3000], data } }));
    // The mean is halfway, exactly.
    const expected = Math.hypot(...row(1));
    for (const found of meanWithDistances(items, [1, 1]).distances)
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * expected);
  });

  it('keep apart what float32 could not square', () => {
    expect([...meanWithDistances([point(0, 0), point(2e30, 0)], [1, 1]).distances]).toEqual([
      Math.fround(1e30),
      Math.fround(1e30),
    ]);
  });

  it('are exact between items that are nearly the same, whatever their size', () => {
    // Beside numbers of 1e4 the smallest step of float32 is 2^-10: no inner products would tell these apart.
    const step = 2 ** -10;
    const items = [-1, 0, 1].map((sign) => point(1e4 + sign * step, -1e4));
    expect([...meanWithDistances(items, [1, 2, 1]).distances]).toEqual([step, 0, step]);
  });

  it('want weights with a positive sum', () => {
    const failed = expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }) as Error;
    expect(() => meanWithDistances([point(0, 0)], [0])).toThrow(failed);
    expect(() => meanWithDistances([point(0, 0), point(1, 1)], [2, -1])).toThrow(failed);
  });
});
