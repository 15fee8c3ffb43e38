/** One round of each strategy's server, worked out by hand on two or more clients. */
import type { ParameterInfo, Parameters, Strategy, Update } from '@fedx/core';
import { createUpdates } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fedavg } from './fedavg.js';
import { fedavgm } from './fedavgm.js';
import { feddyn } from './feddyn.js';
import { accumulation, fednova } from './fednova.js';
import { fedadagrad, fedadam, fedyogi } from './fedopt.js';
import { fedprox } from './fedprox.js';
import { mimelite } from './mimelite.js';
import { fedbn } from './personal/fedbn.js';
import { fedper } from './personal/fedper.js';
import { qfedavg } from './qfedavg.js';
import { fedmedian, trimmedMean } from './robust/coordinate-wise.js';
import { geometricMedian } from './robust/geometric-median.js';
import { bulyan, krum, meanAroundMedian, multiKrum } from './robust/krum.js';
import { scaffold } from './scaffold.js';

const context = { optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0 } } as never;
const weight = (...values: number[]): Parameters => ({
  w: { shape: [values.length], data: Float32Array.from(values) },
});
const infos: readonly ParameterInfo[] = [
  { name: 'w', shape: [2], role: 'weight' },
  { name: 'mean', shape: [1], role: 'statistic' },
];

interface Sent {
  readonly delta: Parameters;
  readonly examples?: number;
  readonly steps?: number;
  readonly report?: unknown;
}

interface Call {
  readonly global?: Parameters;
  readonly state?: unknown;
  readonly clients?: number;
  readonly learningRate?: number;
  /** `server.weights` of the spec. */
  readonly weights?: 'examples' | 'uniform';
}

/** The next global parameters and state. */
function aggregate(made: unknown, sent: readonly Sent[], call: Call = {}) {
  const strategy = made as Strategy;
  const updates: Update[] = sent.map(({ delta, examples = 1, steps = 1, report }, client) => ({
    client,
    delta,
    examples,
    steps,
    complete: true,
    report,
  }));
  const global = call.global ?? weight(0, 0);
  const base = { global, parameters: infos, clients: call.clients ?? sent.length };
  const state = call.state ?? strategy.init?.(base);
  const learningRate = call.learningRate ?? 0.1;
  return strategy.aggregate({
    ...base,
    state,
    round: 1,
    learningRate,
    updates: createUpdates(updates, call.weights ?? strategy.weights ?? 'examples'),
  });
}

const values = ({ global }: { readonly global: Parameters }, name = 'w'): number[] => [...(global[name]?.data ?? [])];
const near = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
  });
};

/** Weighted mean (3 * 1 + 1 * 5) / 4 = 2 and (3 * -1 + 1 * 3) / 4 = 0. */
const two: readonly Sent[] = [
  { delta: weight(1, -1), examples: 3 },
  { delta: weight(5, 3), examples: 1 },
];

describe('fedavgm', () => {
  it('adds momentum * velocity + mean', () => {
    const strategy = fedavgm.create({ momentum: 0.5, serverLearningRate: 1 }, context);
    const first = aggregate(strategy, two);
    near(values(first), [2, 0]);
    near(values(aggregate(strategy, two, { global: first.global, state: first.state })), [2 + 0.5 * 2 + 2, 0]);
  });

  it('averages statistics and gives them no momentum', () => {
    const strategy = fedavgm.create({ momentum: 0.9, serverLearningRate: 0.5 }, context);
    const global = { ...weight(0, 0), mean: { shape: [1], data: Float32Array.of(1) } };
    const delta = { ...weight(1, 1), mean: { shape: [1], data: Float32Array.of(4) } };
    const next = aggregate(strategy, [{ delta }], { global });
    near(values(next, 'mean'), [5]);
    near(values(next), [0.5, 0.5]);
  });
});

describe('adaptive optimizers at the server', () => {
  const options = { serverLearningRate: 0.1, beta1: 0, beta2: 0.5, tau: 1 };
  // The mean update is 2, and v starts at tau^2 = 1.
  it.each([
    ['fedadagrad: v = 1 + 4', fedadagrad, (0.1 * 2) / (Math.sqrt(5) + 1)],
    ['fedadam: v = 0.5 * 1 + 0.5 * 4', fedadam, (0.1 * 2) / (Math.sqrt(2.5) + 1)],
    ['fedyogi: v = 1 - 0.5 * 4 * sign(1 - 4)', fedyogi, (0.1 * 2) / (Math.sqrt(3) + 1)],
  ])('%s', (_, plugin, expected) => {
    near(values(aggregate(plugin.create(options, context), two)), [expected, 0]);
  });

  it('remember the mean update by beta1', () => {
    const strategy = fedadam.create({ ...options, beta1: 0.5, beta2: 0 }, context);
    const first = aggregate(strategy, two);
    const second = aggregate(strategy, two, { state: first.state });
    // m = 0.5 * 1 + 0.5 * 2, v = 4.
    near(values(second), [(0.1 * 1.5) / 3, 0]);
  });
});

describe('fednova', () => {
  it('normalises by steps: tau = 0.75 * 1 + 0.25 * 5', () => {
    const sent = two.map((one, k) => ({ ...one, steps: k === 0 ? 1 : 5 }));
    // 2 * (0.75 * 1 / 1 + 0.25 * 5 / 5) = 2, and 2 * (0.75 * -1 / 1 + 0.25 * 3 / 5) = -1.2.
    near(values(aggregate(fednova.create({}, context), sent)), [2, -1.2]);
  });

  it('weighs its steps as it weighs its updates: tau = (1 + 5) / 2', () => {
    const sent = two.map((one, k) => ({ ...one, steps: k === 0 ? 1 : 5 }));
    near(values(aggregate(fednova.create({}, context), sent, { weights: 'uniform' })), [3, -0.6]);
  });

  it('is the weighted mean where all take equally many steps', () => {
    near(
      values(
        aggregate(
          fednova.create({}, context),
          two.map((one) => ({ ...one, steps: 7 })),
        ),
      ),
      [2, 0],
    );
  });

  it('knows what momentum adds up to: sum over steps of (1 - rho^j) / (1 - rho)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 0.95, noNaN: true }), (steps, rho) => {
        const terms = Array.from({ length: steps }, (_, j) => (1 - rho ** (j + 1)) / (1 - rho));
        expect(accumulation(steps, rho)).toBeCloseTo(
          terms.reduce((a, b) => a + b, 0),
          6,
        );
      }),
    );
  });
});

describe('scaffold', () => {
  const strategy = scaffold.create({ option: 'II', serverLearningRate: 1 }, context);
  const control = (...x: number[]) => ({ control: weight(...x) });

  it('moves the control variate by the share of clients that take part, whatever their sizes', () => {
    const sent = two.map((one) => ({ ...one, report: control(2, 4) }));
    const next = aggregate(strategy, sent, { clients: 10, state: control(1, 1) });
    near(values(next), [3, 1]);
    // 1 + 2 / 10 * 2, 1 + 2 / 10 * 4
    near(values({ global: (next.state as { control: Parameters }).control }), [1.4, 1.8]);
  });

  it('makes a client’s control variate from what its steps added up to', async () => {
    const end = await strategy.client?.end?.({
      global: weight(1, 1),
      local: weight(0, 3),
      broadcast: control(0.5, 0.5),
      state: control(2, 2),
      steps: 5,
      examples: 10,
      learningRate: 0.1,
      overData: () => Promise.reject(new TypeError('option II makes no pass')),
    });
    // 2 - 0.5 + (1 - 0) / 0.5, 2 - 0.5 + (1 - 3) / 0.5
    near(values({ global: end?.state?.control ?? {} }), [3.5, -2.5]);
    near(values({ global: end?.report?.control ?? {} }), [1.5, -4.5]);
  });
});

describe('feddyn', () => {
  it('corrects the mean model by the drift', () => {
    const next = aggregate(feddyn.create({ alpha: 0.5 }, context), two, { clients: 4, state: { drift: weight(1, 0) } });
    // Uniform mean (3, 1); h = 1 - 0.5 * 2 / 4 * 3 = 0.25 and 0 - 0.25; w = mean - h / 0.5.
    near(values(next), [3 - 0.5, 1 + 0.5]);
  });
});

describe('mimelite', () => {
  it('moves the momentum by the clients’ full gradients', () => {
    const sent = two.map((one) => ({ ...one, report: { gradient: weight(10, 20) } }));
    const next = aggregate(mimelite.create({ beta: 0.9 }, context), sent, { state: { momentum: weight(1, 1) } });
    near(values(next), [2, 0]);
    near(values({ global: (next.state as { momentum: Parameters }).momentum }), [1.9, 2.9]);
  });
});

describe('qfedavg', () => {
  const sent = [
    { delta: weight(-1, 0), report: { loss: 2 } },
    { delta: weight(0, -2), report: { loss: 1 } },
  ];

  it('weighs by loss: q = 1, L = 10', () => {
    // Numerators: -(2 * 10 * 1, 1 * 10 * 2); h: 1 * 100 + 10 * 2, 1 * 400 + 10 * 1.
    near(values(aggregate(qfedavg.create({ q: 1 }, context), sent)), [-20 / 530, -20 / 530]);
  });

  it('is the uniform mean for q = 0', () => {
    near(values(aggregate(qfedavg.create({ q: 0 }, context), sent)), [-0.5, -1]);
  });

  it('bears clients without any loss, which have nothing to learn', () => {
    const lossless = sent.map((one) => ({ ...one, report: { loss: 0 } }));
    near(values(aggregate(qfedavg.create({ q: 0 }, context), lossless)), [-0.5, -1]);
    near(values(aggregate(qfedavg.create({ q: 0.5 }, context), lossless)), [0, 0]);
    near(values(aggregate(qfedavg.create({ q: 2 }, context), lossless)), [0, 0]);
  });
});

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
  let median = mean(points.map(() => 1));
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
    expect(meanAroundMedian(Float32Array.of(9, 1, 2, 3, -50), 3)).toBe(2);
  });

  it('geometric-median goes to where most are', () => {
    const same = [weight(1, 1), weight(1, 1), weight(1, 1), weight(50, 50)].map((delta) => ({ delta }));
    near(values(aggregate(geometricMedian.create({ iterations: 30, ...exactly }, context), same)), [1, 1]);
  });

  it.each([
    { tolerance: 0, ends: 8 },
    { tolerance: 0.01, ends: 5 },
    { tolerance: 0.1, ends: 2 },
  ])('geometric-median ends where its authors’ code does, with a tolerance of $tolerance', ({ tolerance, ends }) => {
    const points = [0, 1, 10];
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

  it('geometric-median counts attackers by their weight', () => {
    const { robustness } = geometricMedian.create({ iterations: 4, ...exactly }, context);
    expect(robustness?.bears({ clients: 10, attackers: 6, weight: 0.4 })).toBe(true);
    expect(robustness?.bears({ clients: 10, attackers: 1, weight: 0.5 })).toBe(false);
  });
});

describe('what stays at home', () => {
  const layers: readonly ParameterInfo[] = ['dense-1/kernel', 'norm-1/scale', 'dense-2/kernel', 'dense-2/bias'].map(
    (name) => ({ name, shape: [1], role: 'weight' }),
  );
  const shared = (made: unknown) =>
    layers.filter((one) => (made as Strategy).shared?.(one, layers)).map(({ name }) => name);

  it('fedper keeps the last layers', () => {
    expect(shared(fedper.create({ personalLayers: 1 }, context))).toEqual(['dense-1/kernel', 'norm-1/scale']);
    expect(shared(fedper.create({ personalLayers: 2 }, context))).toEqual(['dense-1/kernel']);
  });

  it('fedbn keeps what normalises', () => {
    expect(shared(fedbn.create({}, context))).toEqual(['dense-1/kernel', 'dense-2/kernel', 'dense-2/bias']);
  });
});

describe('fedprox', () => {
  it('has no rule for its clients with mu: 0, so that it is fedavg bit for bit', () => {
    expect(fedprox.create({ mu: 0 }, context).client).toBeUndefined();
    expect(fedprox.create({ mu: 0.1 }, context).client).toBeDefined();
  });
});
