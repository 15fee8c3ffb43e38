import type { Optimizer } from '@fedx/core';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adagrad, adam, adamw, rmsprop, sgd } from './index.js';

const gradients = [
  [0.5, -1, 0.25],
  [-0.75, 0.5, 0.125],
  [0.1, 0.2, -0.3],
];

/** The parameter `[1, -2, 3]` after a step with each of the gradients; `options` are the program's inputs as well. */
function train<Options extends object>(
  plugin: { create(options: Options): unknown },
  options: Options,
): readonly number[] {
  const optimizer = plugin.create(options) as Optimizer;
  const hyper = Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (typeof value === 'number' ? [[name, tf.scalar(value)]] : [])),
  );
  let parameter: tf.Tensor = tf.tensor1d([1, -2, 3]);
  let slots: Readonly<Record<string, tf.Tensor>> = Object.fromEntries(
    (optimizer.slots ?? []).map((slot) => [slot, tf.zerosLike(parameter)]),
  );
  gradients.forEach((gradient, step) => {
    const next = optimizer.update({
      tf,
      parameter,
      gradient: tf.tensor1d(gradient),
      slots,
      step: tf.scalar(step),
      hyper,
    });
    ({ parameter } = next);
    slots = next.slots ?? {};
  });
  return [...parameter.dataSync()];
}

const learningRate = 0.1;
const moments = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const plain = { learningRate, momentum: 0, nesterov: false, weightDecay: 0 };

// The expected values were computed by torch.optim of PyTorch 2.15 on the same gradients.
describe('optimizers agree with PyTorch after three steps', () => {
  it.each([
    ['sgd with momentum', train(sgd, { ...plain, momentum: 0.9 }), [0.997, -1.844, 2.9385]],
    [
      'sgd with Nesterov momentum and weight decay',
      train(sgd, { learningRate, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
      [1.0045087, -1.8143784, 2.9133472],
    ],
    ['sgd with weight decay', train(sgd, { ...plain, weightDecay: 0.01 }), [1.012028, -1.9641559, 2.9835715]],
    ['adam with weight decay', train(adam, { ...moments, weightDecay: 0.01 }), [0.9335301, -1.8592844, 2.7911854]],
    ['adamw', train(adamw, { ...moments, weightDecay: 0.01 }), [0.9339306, -1.8585919, 2.7957463]],
    [
      'adagrad',
      train(adagrad, { learningRate, epsilon: 1e-8, initialAccumulator: 0.1 }),
      [0.9835865, -1.9646506, 2.9663014],
    ],
    [
      'rmsprop with momentum',
      train(rmsprop, { learningRate, rho: 0.9, epsilon: 1e-8, momentum: 0.5 }),
      [0.8101931, -1.7287637, 2.4666476],
    ],
  ])('%s', (_, trained, expected) => {
    trained.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
    });
  });
});

describe('sgd', () => {
  it('moves each parameter against its gradient by the learning rate', () => {
    expect(train(sgd, { ...plain, learningRate: 1 })).toEqual([
      1.149999976158142, -1.7000000476837158, 2.924999952316284,
    ]);
  });

  it('takes the learning rate from the inputs of the program, not from the options', () => {
    const optimizer = sgd.create({ ...plain, learningRate: 0.5 });
    const hyper = { learningRate: tf.scalar(0), momentum: tf.scalar(0), weightDecay: tf.scalar(0) };
    const parameter = tf.tensor1d([1, 2]);
    const gradient = tf.tensor1d([4, -2]);
    const next = optimizer.update({ tf, parameter, gradient, slots: {}, step: tf.scalar(0), hyper });
    expect([...next.parameter.dataSync()]).toEqual([1, 2]);
  });

  it('keeps no slot without momentum', () => {
    expect(sgd.create(plain).slots).toEqual([]);
  });
});
