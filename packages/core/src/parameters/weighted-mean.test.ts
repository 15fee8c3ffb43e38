import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanWithNorms, norm, weightedMean } from './index.js';

const values = (data: readonly number[] | Float32Array) => ({
  w: { shape: [data.length], data: Float32Array.from(data) },
  b: { shape: [1], data: Float32Array.from(data.slice(0, 1)) },
});
const float = fc.oneof(
  fc.float({ noNaN: true, min: -100, max: 100 }),
  fc.constantFrom(0, -0, 3e38, -3e38, 1.401298464324817e-45),
);
/** Items that fall short of a block of rows and columns, and go beyond it. */
const items = fc
  .record({ count: fc.integer({ min: 1, max: 19 }), length: fc.constantFrom(1, 15, 64, 150, 8209) })
  .chain(({ count, length }) =>
    fc
      .array(fc.array(float, { minLength: 23, maxLength: 23 }), { minLength: count, maxLength: count })
      .map((rows) => rows.map((row) => Float32Array.from({ length }, (_, i) => row[i % row.length] ?? 0))),
  );

/** What the mean is by its definition. */
function summed(all: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return all.reduce(
    (sum, data, k) => sum.map((value, i) => value + ((weights[k] ?? 0) / total) * (data[i] ?? 0)),
    new Float32Array(all[0]?.length ?? 0),
  );
}

describe('the weighted mean', () => {
  it('sums one item after the other, each sum rounded to float32', () => {
    fc.assert(
      fc.property(items, (all) => {
        const weights = all.map((_, k) => k + 1);
        expect(weightedMean(all.map(values), weights)).toEqual(values(summed(all, weights)));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the sign of a sum that was rounded to zero', () => {
    const tiny = 2 * 1.401298464324817e-45;
    expect(weightedMean([values([tiny]), values([-tiny])], [1, 2])).toEqual(values([-0]));
  });

  it('is the same with norms, each of which is that of its item', () => {
    fc.assert(
      fc.property(items, (all) => {
        const weights = all.map((_, k) => k % 3);
        weights[0] = 1;
        const { mean, norms } = meanWithNorms(all.map(values), weights);
        expect(mean).toEqual(weightedMean(all.map(values), weights));
        all.forEach((data, k) => {
          const alone = norm(values(data));
          expect(Math.abs((norms[k] ?? NaN) - alone)).toBeLessThanOrEqual(1e-6 * alone);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('wants an item, whatever the weights', () => {
    const failed = expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }) as Error;
    expect(() => weightedMean([], [])).toThrow(failed);
    expect(() => weightedMean([], [1])).toThrow(failed);
  });
});
