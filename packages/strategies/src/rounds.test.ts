/** One round of each strategy's server, worked out by hand on two or more clients. */
import { type ParameterInfo, type Parameters, parameters as p, type Strategy } from '@fedx/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, context, near, two, values, weight } from '../testing/by-hand.js';
import { fedavgm } from './fedavgm.js';
import { feddyn } from './feddyn.js';
import { accumulation, fednova } from './fednova.js';
import { fedadagrad, fedadam, fedyogi } from './fedopt.js';
import { fedprox } from './fedprox.js';
import { mimelite } from './mimelite.js';
import { fedbn } from './personal/fedbn.js';
import { fedper } from './personal/fedper.js';
import { qfedavg } from './qfedavg.js';
import { scaffold } from './scaffold.js';

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

  it('leaves a client’s control variate as it is where its rate is 0', async () => {
    const end = await strategy.client?.end?.({
      global: weight(1, 1),
      local: weight(1, 1),
      broadcast: control(0.5, 0.5),
      state: control(2, 2),
      steps: 5,
      examples: 10,
      learningRate: 0,
      overData: () => Promise.reject(new TypeError('option II makes no pass')),
    });
    expect(end?.state).toBeUndefined();
    near(values({ global: end?.report?.control ?? {} }), [0, 0]);
  });
});

describe('statistics of a batch normalisation', () => {
  const global: Parameters = { ...weight(0, 0), mean: { shape: [1], data: Float32Array.of(1) } };
  const sent = [-0.1, -0.9].map((moved, k) => ({
    delta: { ...weight(k, 0), mean: { shape: [1], data: Float32Array.of(moved) } },
    steps: k === 0 ? 1 : 100,
    report: { control: weight(0, 0), loss: 1 },
  }));

  it.each([
    ['fednova', fednova.create({}, context)],
    ['scaffold', scaffold.create({ option: 'II', serverLearningRate: 2 }, context)],
    ['qfedavg', qfedavg.create({ q: 1 }, context)],
  ])('are averaged by %s, and no more', (_, strategy) => {
    near(values(aggregate(strategy, sent, { global }), 'mean'), [0.5]);
  });

  it('have no say in how far qfedavg goes', () => {
    const alone = sent.map(({ delta, ...one }) => ({ ...one, delta: p.pick(delta, ['w']) }));
    const strategy = qfedavg.create({ q: 1 }, context);
    expect(values(aggregate(strategy, sent, { global }))).toEqual(values(aggregate(strategy, alone)));
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

  it('takes a loss below 0, which attackers and noise make, for none', () => {
    const forged = sent.map((one, k) => (k === 0 ? one : { ...one, report: { loss: -3 } }));
    // Alone: 2 * 10 * 1 / (1 * 100 + 2 * 10).
    near(values(aggregate(qfedavg.create({ q: 1 }, context), forged)), [-20 / (100 + 20 + 400), 0]);
    const [first = NaN] = values(aggregate(qfedavg.create({ q: 0.5 }, context), forged));
    expect(Number.isFinite(first)).toBe(true);
  });

  it('bears powers that no number holds', () => {
    const small = sent.map((one, k) => ({ ...one, report: { loss: k === 0 ? 5e-4 : 4e-4 } }));
    // All but the first are nothing beside it: 10 / (100 / 5e-4 * 100 + 10).
    near(
      values(aggregate(qfedavg.create({ q: 100 }, context), small)).map((value) => value * 1e6),
      [(-10 * 1e6) / (2e7 + 10), 0],
    );
  });

  it('stands still where the learning rate is 0', () => {
    const still = sent.map((one) => ({ ...one, delta: weight(0, 0) }));
    expect(values(aggregate(qfedavg.create({ q: 1 }, context), still, { learningRate: 0 }))).toEqual([0, 0]);
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
