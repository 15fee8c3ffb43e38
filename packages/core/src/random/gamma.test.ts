import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from './index.js';

const DRAWS = 40_000;

/** How many of the draws lie at or below each quantile. */
function below(draw: () => number, quantiles: readonly number[]): number[] {
  const values = Array.from({ length: DRAWS }, draw);
  return quantiles.map((quantile) => values.filter((value) => value <= quantile).length / DRAWS);
}

/** Four standard errors of a share near 1/2: a sound generator misses it once in 16,000 tries. */
const TOLERANCE = (4 * 0.5) / Math.sqrt(DRAWS);

function expectShares(found: readonly number[], expected: readonly number[]): void {
  found.forEach((share, i) => {
    expect(Math.abs(share - (expected[i] ?? 0))).toBeLessThan(TOLERANCE);
  });
}

// Quantiles of SciPy 1.17.1: stats.norm.ppf(q), stats.gamma.ppf(q, shape), stats.beta.ppf(q, a, b).
describe('normal', () => {
  it('has the quantiles of the standard normal distribution', () => {
    const random = createRandom(5);
    const shares = below(() => random.normal(), [-2.3263478740408408, -1.2815515655446004, 0, 1.2815515655446004]);
    expectShares(shares, [0.01, 0.1, 0.5, 0.9]);
  });
});

describe('gamma', () => {
  it.each([
    [0.05, [5.844632057286505e-21, 5.573878440746256e-7, 0.07631711390918905]],
    [0.5, [0.00789538704671561, 0.227468211559786, 1.352771727047702]],
    [1, [0.10536051565782636, 0.6931471805599455, 2.302585092994046]],
    [2.5, [0.8051539934811613, 2.175730095547763, 4.618178449890562]],
    [50, [41.179067906178574, 49.66706461799423, 59.24900190553106]],
  ])('has the quantiles of the gamma distribution of shape %d', (shape, quantiles) => {
    const random = createRandom(6).at(String(shape));
    expectShares(
      below(() => random.gamma(shape), quantiles),
      [0.1, 0.5, 0.9],
    );
  });

  it.each([0, -1, Number.NaN, Infinity])('refuses a shape of %d', (shape) => {
    expect(() => createRandom(1).gamma(shape)).toThrow(expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }));
  });
});

describe('dirichlet', () => {
  it.each([
    [
      [0.5, 0.5, 0.5, 0.5],
      [0.03906313221899655, 0.16319398540839275, 0.6486428019743724],
    ],
    [
      [1, 2, 3],
      [0.05591248870509801, 0.12944943670387585, 0.36904265551980675],
    ],
    [
      [5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
      [0.06921138191014808, 0.09467489267252586, 0.15655133730147894],
    ],
  ])('has marginals of the beta distribution: %j', (alphas, quantiles) => {
    const random = createRandom(7).at(String(alphas));
    expectShares(
      below(() => random.dirichlet(alphas)[0] ?? 0, quantiles),
      [0.25, 0.5, 0.9],
    );
  });

  it('gives shares that sum to 1, for alphas from 1e-9 to 1e9', () => {
    const alphas = fc.array(
      fc.double({ min: -9, max: 9, noNaN: true }).map((power) => 10 ** power),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(alphas, fc.nat(), (list, seed) => {
        const shares = createRandom(seed).dirichlet(list);
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it.each([1e-9, 1e-309, 5e-324])('gives one share everything at alpha %d, each entry as often as another', (alpha) => {
    const random = createRandom(8);
    const winners = [0, 0, 0, 0];
    for (let draw = 0; draw < 4000; draw++) {
      const winner = random.dirichlet(Array<number>(4).fill(alpha)).indexOf(1);
      winners[winner] = (winners[winner] ?? 0) + 1;
    }
    // 1000 each, standard deviation 27.
    for (const count of winners) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  it('gives one share everything in proportion to alphas near 0', () => {
    const random = createRandom(10);
    const wins = Array.from({ length: 4000 }, () => random.dirichlet([3e-310, 1e-310])[0] ?? 0);
    // 3000, standard deviation 27.
    expect(Math.abs(wins.reduce((sum, win) => sum + win, 0) - 3000)).toBeLessThan(110);
  });

  it('gives equal shares as alpha goes to infinity', () => {
    for (const share of createRandom(9).dirichlet(Array<number>(10).fill(1e9))) expect(share).toBeCloseTo(0.1, 4);
  });
});
