/** One round of each robust strategy's server, worked out by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, context, near, values, weight } from '../../testing/by-hand.js';
import { fedavg } from '../fedavg.js';
import { fedmedian, trimmedMean } from './coordinate-wise.js';
import { geometricMedian } from './geometric-median.js';
import { bulyan, krum, meanAroundMedian, multiKrum } from './krum.js';

const crowd = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [100, -100],
].map(([a = 0, b = 0]) => ({ delta: weight(a, b) }));

/** Nothing of geometric-median's steps is left out. */
const exactly = { smoothing: 1e-6, tolerance: 0 };

/** `geometric_median_update` of github.com/krishnap25/RFA for points on a line with equal weights, and the steps that it made. */
function authorsMedian(points: readonly number[], iterations: number, tolerance: number) {
  const mean = (weights: readonly number[]) =>
    points.reduce((sum, point, k) => sum + point * (weights[k] ?? 0), 0) /
    weights.reduce((sum, weight) => sum + weight);
  const objective = (from: number) => points.reduce((sum, point) => sum + Math.abs(point - from) / points.length, 0);
  // Our start, where the authors' is the mean: a step from 0, in which no length counts as less than the median's.
  const middle = points.map(Math.abs).sort((a, b) => a - b)[points.length >> 1] ?? 0;
  let median = mean(points.map((point) => 1 / Math.max(middle, Math.abs(point))));
  for (let steps = 1; steps <= iterations; steps++) {
    const before = objective(median);
    const from = median;
    median = mean(points.map((point) => 1 / Math.max(1e-6, Math.abs(point - from))));
    if (Math.abs(before - objective(median)) < tolerance * objective(median)) return { median, steps };
  }
  return { median, steps: iterations };
}

describe('robust means', () => {
  it('fedmedian takes the middle of each coordinate', () => {
    near(values(aggregate(fedmedian.create({}, context), crowd)), [3, 2]);
    near(values(aggregate(fedmedian.create({}, context), crowd.slice(0, 4))), [2.5, 2.5]);
  });

  it('trimmed-mean leaves out both ends', () => {
    near(values(aggregate(trimmedMean.create({ share: 0.2 }, context), crowd)), [3, 2]);
  });

  it('trimmed-mean is the uniform mean, bit for bit, where nothing is left out', () => {
    const deltas = fc.array(
      fc.tuple(fc.float({ noNaN: true, min: -100, max: 100 }), fc.float({ noNaN: true, min: -100, max: 100 })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(deltas, (all) => {
        const sent = all.map(([a, b]) => ({ delta: weight(a, b) }));
        const uniform = { ...fedavg.create({}, context), weights: 'uniform' };
        expect(values(aggregate(trimmedMean.create({ share: 0 }, context), sent))).toEqual(
          values(aggregate(uniform, sent)),
        );
      }),
    );
  });

  it('trimmed-mean counts clients alike, whether or not it leaves any out', () => {
    const sent = [90, ...Array.from({ length: 8 }, () => 0)].map((x, k) => ({
      delta: weight(x, 0),
      examples: k === 0 ? 91 : 1,
    }));
    near(values(aggregate(trimmedMean.create({ share: 0.1 }, context), sent, { weights: 'examples' })), [10, 0]);
  });

  it('trimmed-mean leaves out whole shares that floating point falls short of', () => {
    const { robustness } = trimmedMean.create({ share: 0.29 }, context);
    expect([29, 30].map((attackers) => robustness?.bears({ clients: 100, attackers, weight: 0 }))).toEqual([
      true,
      false,
    ]);
  });

  it('krum takes the point in the crowd', () => {
    // One of 5 attacks: the scores sum the 2 nearest squared distances: 10, 4, 4, 10, far. The first of equals wins.
    near(values(aggregate(krum.create({ attackers: 1 }, context), crowd)), [2, 2]);
  });

  it('multi-krum averages the best', () => {
    near(values(aggregate(multiKrum.create({ attackers: 1, keep: 2 }, context), crowd)), [2.5, 2.5]);
    near(values(aggregate(multiKrum.create({ attackers: 1 }, context), crowd)), [2.5, 2.5]);
  });

  it('bulyan averages around the median of what Krum picks', () => {
    const seven = [...crowd, { delta: weight(2.5, 2.5) }, { delta: weight(3.5, 3.5) }];
    // Picked: five of the six honest ones; of each coordinate the three values nearest to their median.
    const [a = 0, b = 0] = values(aggregate(bulyan.create({ attackers: 1 }, context), seven));
    expect(a).toBe(b);
    expect(a).toBeGreaterThanOrEqual(2);
    expect(a).toBeLessThanOrEqual(3.5);
    expect(meanAroundMedian(Float32Array.of(-50, 1, 2, 3, 9), 3)).toBe(2);
  });

  it('geometric-median goes to where most are', () => {
    const same = [weight(1, 1), weight(1, 1), weight(1, 1), weight(50, 50)].map((delta) => ({ delta }));
    near(values(aggregate(geometricMedian.create({ iterations: 30, ...exactly }, context), same)), [1, 1]);
  });

  it.each([
    { tolerance: 0, ends: 8 },
    { tolerance: 1e-4, ends: 6 },
    { tolerance: 0.01, ends: 3 },
  ])('geometric-median ends where its authors’ code does, with a tolerance of $tolerance', ({ tolerance, ends }) => {
    const points = [8, 9, 100];
    const { median, steps } = authorsMedian(points, 8, tolerance);
    expect(steps).toBe(ends);
    const sent = points.map((point) => ({ delta: weight(point, 0) }));
    const strategy = geometricMedian.create({ iterations: 8, smoothing: 1e-6, tolerance }, context);
    near(values(aggregate(strategy, sent)), [median, 0]);
  });

  it('geometric-median goes where the weights are, which server.weights decides', () => {
    const strategy = geometricMedian.create({ iterations: 100, ...exactly }, context);
    const sent = [0, 1, 1].map((x, k) => ({ delta: weight(x, 0), examples: k === 0 ? 5 : 1 }));
    near(values(aggregate(strategy, sent)), [0, 0]);
    near(values(aggregate(strategy, sent, { weights: 'uniform' })), [1, 0]);
  });

  it.each([
    ['krum', krum.create({ attackers: 2 }, context), 7, '2 × attackers + 3'],
    ['multi-krum', multiKrum.create({ attackers: 2 }, context), 7, '2 × attackers + 3'],
    ['multi-krum that keeps many', multiKrum.create({ attackers: 1, keep: 5 }, context), 6, 'attackers + keep', 'keep'],
    ['bulyan', bulyan.create({ attackers: 2 }, context), 11, '4 × attackers + 3'],
  ])('%s asks for a cohort that bears its attackers', (_, { leastCohort }, clients, rule, option = 'attackers') => {
    expect(leastCohort).toEqual({ clients, rule, option });
  });

  it.each([
    ['fedmedian', fedmedian.create({}, context), 5],
    ['trimmed-mean', trimmedMean.create({ share: 0.3 }, context), 3],
    ['krum', krum.create({ attackers: 4 }, context), 4],
    ['multi-krum', multiKrum.create({ attackers: 4 }, context), 4],
    ['bulyan', bulyan.create({ attackers: 2 }, context), 2],
    ['geometric-median', geometricMedian.create({ iterations: 200, ...exactly }, context), 5],
  ])('%s stays among the honest with as many attackers as it says', (_, strategy, most) => {
    const clients = 11;
    const bears = (attackers: number) =>
      strategy.robustness?.bears({ clients, attackers, weight: attackers / clients });
    expect([bears(0), bears(most), bears(most + 1)]).toEqual([true, true, false]);
    const sent = Array.from({ length: clients }, (__, k) => ({ delta: k < most ? weight(1e4, -1e4) : weight(k, k) }));
    const honest = { from: most, to: clients - 1 };
    for (const value of values(aggregate(strategy, sent))) {
      expect(value).toBeGreaterThanOrEqual(honest.from - 1);
      expect(value).toBeLessThanOrEqual(honest.to + 1);
    }
  });

  it('break with one attacker more', () => {
    const sent = Array.from({ length: 11 }, (_, k) => ({ delta: k < 6 ? weight(1e4, 1e4) : weight(k, k) }));
    for (const strategy of [
      fedmedian.create({}, context),
      geometricMedian.create({ iterations: 200, ...exactly }, context),
    ])
      expect(Math.min(...values(aggregate(strategy, sent)))).toBeGreaterThan(1000);
    const [first = 0] = values(aggregate(trimmedMean.create({ share: 0.3 }, context), sent.slice(2)));
    expect(first).toBeGreaterThan(1000);
  });

  it.each([1, 100, 1e4, 1e30])('geometric-median is drawn no further by updates of %d times the length', (times) => {
    const honest = (k: number) => weight(1 + Math.cos(k) / 4, Math.sin(k) / 4);
    const sent = Array.from({ length: 100 }, (_, k) => ({ delta: k < 40 ? weight(-times, 0) : honest(k) }));
    const strategy = geometricMedian.create({ iterations: 2, ...exactly }, context);
    const exact = geometricMedian.create({ iterations: 1000, ...exactly }, context);
    const [found = [], median = []] = [strategy, exact].map((each) => values(aggregate(each, sent)));
    expect(Math.hypot(...found.map((value, i) => value - (median[i] ?? 0)))).toBeLessThan(0.3);
  });

  it('geometric-median is not held back by clients that send no change', () => {
    const sent = Array.from({ length: 10 }, (_, k) => ({ delta: k < 2 ? weight(0, 0) : weight(1 + k / 50, k / 50) }));
    const [x = 0] = values(aggregate(geometricMedian.create({ iterations: 2, ...exactly }, context), sent));
    expect(x).toBeGreaterThan(1);
  });

  it('geometric-median counts attackers by their weight', () => {
    const { robustness } = geometricMedian.create({ iterations: 4, ...exactly }, context);
    expect(robustness?.bears({ clients: 10, attackers: 6, weight: 0.4 })).toBe(true);
    expect(robustness?.bears({ clients: 10, attackers: 1, weight: 0.5 })).toBe(false);
  });
});
