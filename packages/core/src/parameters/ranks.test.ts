import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanOfRanks } from './index.js';

const set = (w: readonly number[], b: number) => ({
  w: { shape: [w.length], data: Float32Array.from(w) },
  b: { shape: [1], data: Float32Array.of(b) },
});
/** Values with ties, both zeros, heavy tails and an outlier now and then. */
const value = fc.oneof(
  fc.constantFrom(-1, 0, -0, 0.5, 3e38, -3e38, 1.401298464324817e-45),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }),
);
/** Items that are some lengths of a random table, so that they fall short of blocks and go beyond them. */
const tables = fc
  .record({ count: fc.integer({ min: 1, max: 130 }), length: fc.constantFrom(1, 15, 64, 700, 5000) })
  .chain(({ count, length }) =>
    fc.record({
      length: fc.constant(length),
      columns: fc.array(fc.array(value, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 20 }),
    }),
  );

describe('the mean of ranks', () => {
  it('of three items by hand: the median, the trimmed mean of one, all', () => {
    const items = [set([1, 9, 4], 7), set([3, 1, 4], 8), set([2, 5, -4], 100)];
    const at = (from: number, to: number) => meanOfRanks(items, from, to)['w']?.data;
    expect(at(1, 2)).toEqual(Float32Array.of(2, 5, 4));
    expect(at(0, 2)).toEqual(Float32Array.of(1.5, 3, 0));
    expect(at(0, 3)).toEqual(Float32Array.of(2, 5, 4 / 3));
    expect(meanOfRanks(items, 2, 3)['b']?.data).toEqual(Float32Array.of(100));
  });

  it('is that of what sorting puts there, for any items and ranks', () => {
    fc.assert(
      fc.property(tables, fc.nat(), fc.nat(), ({ columns, length }, a, b) => {
        const count = columns[0]?.length ?? 0;
        const from = a % count;
        const to = from + 1 + (b % (count - from));
        const columnOf = (place: number) => columns[(place * 7) % columns.length] ?? [];
        const items = Array.from({ length: count }, (_, k) =>
          set(
            Array.from({ length }, (_, place) => columnOf(place)[k] ?? 0),
            columnOf(0)[k] ?? 0,
          ),
        );
        const expected = columns.map((column) => {
          const kept = Float32Array.from(column).sort().subarray(from, to);
          const magnitude = kept.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
          return { mean: kept.reduce((sum, number) => sum + number / kept.length, 0), magnitude };
        });
        // One value is itself; several are rounded once, from float64.
        const isRight = (mean: number, place: number): boolean => {
          const { mean: sorted, magnitude } = expected[(place * 7) % columns.length] ?? { mean: NaN, magnitude: 0 };
          if (to - from === 1) return mean === sorted;
          return Math.abs(mean - sorted) <= 2 ** -24 * Math.abs(sorted) + 1e-13 * magnitude + 1e-45;
        };
        const means = meanOfRanks(items, from, to);
        expect([...(means['w']?.data ?? [])].findIndex((mean, place) => !isRight(mean, place))).toBe(-1);
        expect(isRight(means['b']?.data[0] ?? NaN, 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses ranks that are not there, no items, and other shapes', () => {
    const items = [set([1], 1), set([2], 2)];
    const failed = expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }) as Error;
    for (const [from, to] of [
      [-1, 1],
      [1, 1],
      [0, 3],
      [0.5, 1],
      [0, NaN],
    ] as const)
      expect(() => meanOfRanks(items, from, to)).toThrow(failed);
    expect(() => meanOfRanks([], 0, 1)).toThrow(failed);
    expect(() => meanOfRanks([set([1], 1), set([1, 2], 1)], 0, 1)).toThrow(failed);
  });
});
