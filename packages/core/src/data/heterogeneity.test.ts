import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heterogeneity } from './heterogeneity.js';

describe('heterogeneity', () => {
  it('is zero for clients with one label distribution, whatever their sizes', () => {
    expect(
      heterogeneity([
        [1, 3],
        [10, 30],
        [2, 6],
      ]),
    ).toEqual({
      jensenShannon: { mean: 0, max: 0 },
      earthMovers: { mean: 0, max: 0 },
    });
  });

  it('is 0.311278 bits and 1/2 for two clients of one label each', () => {
    // p = [1, 0], g = [.5, .5], m = [.75, .25]: (log2(1 / .75) + .5 log2(.5 / .75) + .5 log2(.5 / .25)) / 2.
    const { jensenShannon, earthMovers } = heterogeneity([
      [5, 0],
      [0, 5],
    ]);
    expect(jensenShannon.mean).toBeCloseTo(0.311278, 6);
    expect(jensenShannon.max).toBeCloseTo(0.311278, 6);
    expect(earthMovers).toEqual({ mean: 0.5, max: 0.5 });
  });

  it('tells mean from maximum', () => {
    // g = [.5, .5]: the third client has it exactly, the others differ by |.75 - .5|.
    expect(
      heterogeneity([
        [3, 1],
        [1, 3],
        [2, 2],
      ]).earthMovers,
    ).toEqual({ mean: 1 / 6, max: 0.25 });
  });

  it('nears 1 for a small client whose label no other has', () => {
    const { jensenShannon, earthMovers } = heterogeneity([
      [1, 0],
      [0, 1_000_000],
    ]);
    expect(jensenShannon.max).toBeGreaterThan(0.9999);
    expect(earthMovers.max).toBeGreaterThan(0.9999);
  });

  it('lies in [0, 1], mean at most max, whatever the counts', () => {
    const client = fc
      .array(fc.nat(1000), { minLength: 4, maxLength: 4 })
      .filter((counts) => counts.some((count) => count > 0));
    fc.assert(
      fc.property(fc.array(client, { minLength: 1, maxLength: 8 }), (labels) => {
        for (const { mean, max } of [heterogeneity(labels).jensenShannon, heterogeneity(labels).earthMovers]) {
          expect(mean).toBeGreaterThanOrEqual(0);
          expect(mean).toBeLessThanOrEqual(max + 1e-12);
          expect(max).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
