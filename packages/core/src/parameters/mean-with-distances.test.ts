import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, meanWithDistances, weightedMean } from './index.js';

const point = (x: number, y: number) => ({
  x: { shape: [1], data: Float32Array.of(x) },
  y: { shape: [1], data: Float32Array.of(y) },
});
const float = fc.float({ noNaN: true, min: -100, max: 100 });

describe('the mean with distances', () => {
  it('of three corners by hand', () => {
    const { mean, distances } = meanWithDistances([point(0, 0), point(6, 0), point(0, 8)], [0, 1, 1]);
    expect(mean).toEqual(point(3, 4));
    expect([...distances]).toEqual([5, 5, 5]);
  });

  it('is the weighted mean, and the distance of each item by itself', () => {
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
        const { mean, distances } = meanWithDistances(items, weights);
        const expected = weightedMean(items, weights);
        // Rounded to float32 after each of some 40 products and sums of numbers up to 100.
        const isNear = (name: string): boolean =>
          (mean[name]?.data ?? []).every(
            (value, i) => Math.abs(value - (expected[name]?.data[i] ?? NaN)) < 80 * 100 * 2 ** -24,
          );
        expect([isNear('w'), isNear('b')]).toEqual([true, true]);
        distances.forEach((found, k) => {
          const alone = distance(mean, items[k] ?? {});
          expect(Math.abs(found - alone)).toBeLessThanOrEqual(1e-6 * alone);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('keeps apart what float32 could not square', () => {
    const { distances } = meanWithDistances([point(0, 0), point(2e30, 0)], [1, 1]);
    expect([...distances]).toEqual([Math.fround(1e30), Math.fround(1e30)]);
  });

  it('refuses weights without a positive sum', () => {
    const failed = expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }) as Error;
    expect(() => meanWithDistances([point(0, 0)], [0])).toThrow(failed);
    expect(() => meanWithDistances([point(0, 0), point(1, 1)], [2, -1])).toThrow(failed);
  });
});
