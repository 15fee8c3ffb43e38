import type { FinishCall, Metric } from '@fedx/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { balancedAccuracy, expectedCalibrationError, macroF1, topKAccuracy } from './index.js';

/** What was measured, by hand. */
function call<Name extends string>(
  classes: number,
  measured: Readonly<Record<Name, readonly number[]>>,
): FinishCall<Name> {
  const [first = []] = Object.values<readonly number[]>(measured);
  const sums = (name: Name) => [measured[name].reduce((total, value) => total + value, 0)];
  return {
    examples: first.length,
    classes,
    sums,
    total: (name) => sums(name)[0] ?? 0,
    values: (name) => Float32Array.from(measured[name]),
  };
}

const label = [0, 1, 2, 0, 1, 2, 2, 2];
const predicted = [0, 2, 1, 0, 0, 2, 2, 2];

describe('macro-f1', () => {
  it('is the mean of the F1 of each class', () => {
    // Class 0: 2 * 2 / (2 + 3) = 0.8; class 1: 0; class 2: 2 * 3 / (4 + 4) = 0.75.
    expect(macroF1.create({}).finish(call(3, { label, predicted }))).toBeCloseTo((0.8 + 0 + 0.75) / 3, 12);
  });

  it('counts a class that is predicted and not there, and none that is neither', () => {
    const { finish } = macroF1.create({});
    expect(finish(call(4, { label: [0, 0], predicted: [0, 1] }))).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(finish(call(4, { label: [3, 3], predicted: [3, 3] }))).toBe(1);
  });
});

describe('balanced-accuracy', () => {
  it('is the mean of the accuracies on each class', () => {
    // 2 of 2, 0 of 2, 3 of 4.
    expect(balancedAccuracy.create({}).finish(call(3, { label, predicted }))).toBeCloseTo(1.75 / 3, 12);
  });

  it('leaves out a class without examples', () => {
    expect(balancedAccuracy.create({}).finish(call(9, { label: [4, 4, 5], predicted: [4, 0, 5] }))).toBe(0.75);
  });
});

describe('top-k-accuracy', () => {
  it('counts examples of which fewer than k classes come before the true one, for each k', () => {
    const { finish } = topKAccuracy.create({ k: [1, 2, 5] });
    expect(finish(call(10, { before: [0, 1, 4, 5] }))).toEqual({ 1: 0.25, 2: 0.5, 5: 0.75 });
  });
});

describe('expected-calibration-error', () => {
  it('matches an example worked by hand', () => {
    // Bins of 0.2: (0.4, 0.6] has one wrong at 0.6; (0.8, 1] has 0.9 right, 0.9 wrong and 1 right.
    // 1/4 * |0 - 0.6| + 3/4 * |2/3 - 2.8/3|
    const measured = { confidence: [0.9, 0.6, 0.9, 1], right: [1, 0, 0, 1] };
    const error = expectedCalibrationError.create({ bins: 5 }).finish(call(2, measured));
    expect(error).toBeCloseTo(0.15 + 0.2, 6);
  });

  it('is 0 where confidence is right on average, and at most 1', () => {
    const { finish } = expectedCalibrationError.create({ bins: 10 });
    expect(finish(call(2, { confidence: [0.5, 0.5], right: [1, 0] }))).toBe(0);
    expect(finish(call(2, { confidence: [1, 1], right: [0, 0] }))).toBe(1);
  });
});

describe('the metrics that ship, against others', () => {
  const [examples, classes] = [60, 5];
  const labels = Int32Array.from({ length: examples }, (_, i) => (i * i + Math.floor(i / 7)) % classes);
  const logits = Float32Array.from({ length: examples * classes }, (_, at) => {
    const isLabel = at % classes === labels[Math.floor(at / classes)];
    return 3 * Math.sin(12.9898 * (at + 1)) + (isLabel ? 1.5 : 0);
  });

  function scored<Name extends string>({ measure, finish }: Metric<Record<Name, tf.Tensor>>): unknown {
    const measured = measure({
      tf,
      logits: tf.tensor2d(logits, [examples, classes]),
      labels: tf.tensor1d(labels),
      classes,
    });
    const values = Object.entries<tf.Tensor>(measured).map(([name, tensor]) => [name, [...tensor.dataSync()]] as const);
    return finish(call(classes, Object.fromEntries(values) as unknown as Record<Name, readonly number[]>));
  }

  it('agree with scikit-learn 1.9.1 on the same logits', () => {
    // f1_score(average='macro'), balanced_accuracy_score, top_k_accuracy_score
    expect(scored(macroF1.create({}))).toBeCloseTo(0.5677675005929145, 12);
    expect(scored(balancedAccuracy.create({}))).toBeCloseTo(0.5623076923076923, 12);
    expect(scored(topKAccuracy.create({ k: [1, 2, 3] }))).toEqual({ 1: 34 / 60, 2: 43 / 60, 3: 56 / 60 });
  });

  it('agree on calibration with the equation in NumPy, bin by bin in float64', () => {
    expect(scored(expectedCalibrationError.create({ bins: 15 }))).toBeCloseTo(0.1691803676365695, 6);
  });
});
