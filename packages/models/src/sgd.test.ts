import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { sgd } from './sgd.js';

const step = (hyper: { readonly learningRate: tf.Scalar }) =>
  sgd
    .create({ learningRate: 0.5 })
    .update({ tf, parameter: tf.tensor1d([1, 2]), gradient: tf.tensor1d([4, -2]), slots: {}, hyper });

describe('sgd', () => {
  it('moves each parameter against its gradient by the learning rate', () => {
    expect([...step({ learningRate: tf.scalar(0.5) }).parameter.dataSync()]).toEqual([-1, 3]);
  });

  it('takes the learning rate from the inputs of the program, not from the options', () => {
    expect([...step({ learningRate: tf.scalar(0) }).parameter.dataSync()]).toEqual([1, 2]);
  });
});
