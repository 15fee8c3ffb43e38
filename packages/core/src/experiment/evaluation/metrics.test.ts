import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classificationMetrics, clientMetrics, globalMetrics, ownTestSummary } from './metrics.js';

describe('classificationMetrics', () => {
  it('matches an example worked by hand', () => {
    const scores = classificationMetrics({
      labels: [0, 0, 1, 2],
      predictions: [0, 1, 1, 0],
      losses: Float32Array.of(0.5, 1, 0.5, 2),
      classes: 4,
    });
    expect(scores).toEqual({
      accuracy: 0.5,
      loss: 1,
      perClassAccuracy: [0.5, 1, 0, undefined],
      confusion: [
        [1, 1, 0, 0],
        [0, 1, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    });
  });

  it('is NaN without examples, and a NaN loss stays one', () => {
    expect(classificationMetrics({ labels: [], predictions: [], losses: [], classes: 2 })).toMatchObject({
      accuracy: Number.NaN,
      loss: Number.NaN,
    });
    expect(classificationMetrics({ labels: [0], predictions: [0], losses: [Number.NaN], classes: 2 })).toMatchObject({
      accuracy: 1,
      loss: Number.NaN,
    });
  });

  it('counts every example once, and the diagonal is what is right', () => {
    const classes = 5;
    const pair = fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const labels = Uint8Array.from(pairs, ([label]) => label);
        const predictions = Int32Array.from(pairs, ([, prediction]) => prediction);
        const { confusion, accuracy } = classificationMetrics({
          labels,
          predictions,
          losses: new Float32Array(pairs.length),
          classes,
        });
        expect(confusion.flat().reduce((a, b) => a + b)).toBe(pairs.length);
        expect(accuracy).toBe(pairs.filter(([label, prediction]) => label === prediction).length / pairs.length);
      }),
    );
  });

  it.each([
    ['a prediction past the classes', [0], [2], [1]],
    ['a label past the classes', [2], [0], [1]],
    ['a negative prediction', [0], [-1], [1]],
    ['fewer losses than labels', [0, 1], [0, 1], [1]],
  ])('refuses %s', (_, labels, predictions, losses) => {
    expect(() => classificationMetrics({ labels, predictions, losses, classes: 2 })).toThrow(
      expect.objectContaining({ code: 'FEDX_INTERNAL' }),
    );
  });
});

describe('ownTestSummary', () => {
  const clients = [0.9, 0.8, 0.7, 0.95, 0.1].map((accuracy, client) => ({
    client,
    accuracy,
    examples: client === 4 ? 9 : 100 * (client + 1),
  }));

  it('gives each client that counts the same weight', () => {
    const { mean, p10, ...rest } = ownTestSummary(clients, 10);
    expect(mean).toBeCloseTo(0.8375, 12);
    // numpy.quantile([.9, .8, .7, .95], .1)
    expect(p10).toBeCloseTo(0.73, 12);
    expect(rest).toEqual({ min: 0.7, counted: 4, leftOut: 1 });
  });

  it('is one value for one client', () => {
    expect(ownTestSummary([{ client: 3, accuracy: 0.5, examples: 10 }], 10)).toEqual({
      mean: 0.5,
      p10: 0.5,
      min: 0.5,
      counted: 1,
      leftOut: 0,
    });
  });

  it('has no figures where no client counts', () => {
    expect(ownTestSummary(clients, 1000)).toEqual({ counted: 0, leftOut: 5 });
  });

  it('never counts a client without test examples', () => {
    expect(ownTestSummary([{ client: 0, accuracy: Number.NaN, examples: 0 }], 0)).toEqual({ counted: 0, leftOut: 1 });
  });

  it('orders minimum, 10th percentile and maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (accuracies) => {
        const { min = Number.NaN, p10 = Number.NaN } = ownTestSummary(
          accuracies.map((accuracy, client) => ({ client, accuracy, examples: 1 })),
          1,
        );
        expect(min).toBe(Math.min(...accuracies));
        expect(p10).toBeGreaterThanOrEqual(min);
        expect(p10).toBeLessThanOrEqual(Math.max(...accuracies));
      }),
    );
  });
});

describe('the metric keys', () => {
  it('name the deployed model on a global set, without classes that have no examples', () => {
    const scores = { accuracy: 0.5, loss: 1.5, perClassAccuracy: [0.25, undefined, 0.75], confusion: [] };
    expect(globalMetrics('test', scores)).toEqual({
      'test/accuracy': 0.5,
      'test/loss': 1.5,
      'test/accuracy/class-0': 0.25,
      'test/accuracy/class-2': 0.75,
    });
    expect(Object.keys(globalMetrics('validation', scores))).toContain('validation/accuracy/class-2');
  });

  it('name figures over clients', () => {
    expect(clientMetrics('clients/own-test', { mean: 0.5, p10: 0.2, min: 0.1, counted: 9, leftOut: 1 })).toEqual({
      'clients/own-test/accuracy/mean': 0.5,
      'clients/own-test/accuracy/p10': 0.2,
      'clients/own-test/accuracy/min': 0.1,
      'clients/own-test/counted': 9,
      'clients/own-test/left-out': 1,
    });
  });

  it('leave out figures that no client has', () => {
    expect(clientMetrics('personal/test', { counted: 0, leftOut: 2 })).toEqual({
      'personal/test/counted': 0,
      'personal/test/left-out': 2,
    });
  });
});
