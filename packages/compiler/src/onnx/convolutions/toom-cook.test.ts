import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_POINTS, minimalFilter } from './toom-cook.js';

/** A matrix of so many columns times a vector. */
const times = (matrix: Float32Array, vector: readonly number[]): number[] =>
  Array.from({ length: matrix.length / vector.length }, (_, row) =>
    vector.reduce((sum, x, column) => sum + x * (matrix[row * vector.length + column] ?? 0), 0),
  );

describe('minimalFilter', () => {
  it('is the F(2,3) of Lavin and Gray, but for signs that cancel', () => {
    const { ofInputs, ofTaps, ofProducts } = minimalFilter(2, 3);
    const published = {
      inputs: [1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0, 1, 0, -1],
      taps: [1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1],
      products: [1, 1, 1, 0, 0, 1, -1, -1],
    };
    for (let point = 0; point < 4; point++)
      for (let i = 0; i < 4; i++)
        for (let tap = 0; tap < 3; tap++)
          for (let output = 0; output < 2; output++) {
            const term = (inputs: ArrayLike<number>, taps: ArrayLike<number>, products: ArrayLike<number>): number =>
              (inputs[4 * point + i] ?? 0) * (taps[3 * point + tap] ?? 0) * (products[4 * output + point] ?? 0);
            expect(term(ofInputs, ofTaps, ofProducts)).toBeCloseTo(
              term(published.inputs, published.taps, published.products),
            );
          }
  });

  it('gives the sums of a filter over its inputs, for all sizes', () => {
    const sizes = fc.integer({ min: 1, max: MOST_POINTS }).chain((taps) =>
      fc.integer({ min: 1, max: MOST_POINTS + 1 - taps }).chain((outputs) => {
        const numbers = (length: number) =>
          fc.array(fc.integer({ min: -50, max: 50 }), { minLength: length, maxLength: length });
        return fc.tuple(fc.constant(outputs), numbers(taps), numbers(outputs + taps - 1));
      }),
    );
    fc.assert(
      fc.property(sizes, ([outputs, filter, input]) => {
        const { points, ofTaps, ofInputs, ofProducts } = minimalFilter(outputs, filter.length);
        expect(points).toBe(input.length);
        const values = times(ofInputs, input);
        const products = times(ofTaps, filter).map((value, i) => value * (values[i] ?? 0));
        times(ofProducts, products).forEach((sum, i) => {
          const expected = filter.reduce((total, tap, j) => total + tap * (input[i + j] ?? 0), 0);
          expect(Math.abs(sum - expected)).toBeLessThan(0.05);
        });
      }),
    );
  });
});
