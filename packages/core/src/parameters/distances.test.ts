import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, squaredDistances } from './index.js';

const values = (data: readonly number[]) => ({
  w: { shape: [data.length], data: Float32Array.from(data) },
  b: { shape: [1], data: Float32Array.of(data[0] ?? 0) },
});
const float = fc.float({ noNaN: true, min: -100, max: 100 });

describe('squared distances between all items', () => {
  it('of a triangle are those of its sides', () => {
    const corner = (x: number, y: number) => ({ w: { shape: [2], data: Float32Array.of(x, y) } });
    expect(squaredDistances([corner(0, 0), corner(3, 0), corner(0, 4)]).map((row) => [...row])).toEqual([
      [0, 9, 16],
      [9, 0, 25],
      [16, 25, 0],
    ]);
    expect(squaredDistances([])).toEqual([]);
  });

  it('are those of every pair by itself, however many items there are', () => {
    const items = fc
      .integer({ min: 1, max: 150 })
      .chain((length) =>
        fc.array(fc.array(float, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 11 }),
      );
    fc.assert(
      fc.property(items, (all) => {
        const sets = all.map(values);
        squaredDistances(sets).forEach((row, i) => {
          row.forEach((squared, j) => {
            const alone = distance(sets[i] ?? {}, sets[j] ?? {}) ** 2;
            expect(Math.abs(squared - alone)).toBeLessThanOrEqual(1e-12 * alone);
          });
        });
      }),
      { numRuns: 30 },
    );
  });
});
