import type { Model, ModelShape } from '../contracts/index.js';
import { randomParameters } from './random-parameters.js';

/** Parameters of rank 0, 1, 2 and 4, that every optimizer and client rule must be able to deal with. */
const shapes = { kernel: [4, 3], bias: [3], gain: [], filter: [1, 1, 2, 3] };

/** What {@link linearModel} is for. */
export const linearShape: ModelShape = { inputShape: [4], classes: 3 };

/** A small model that optimizers and client rules are tested with: every parameter takes part in the logits. */
export const linearModel: Model = {
  init: () => randomParameters(shapes),
  apply: ({ tf, parameters: { kernel, bias, gain, filter }, inputs }) => {
    if (kernel === undefined || bias === undefined || gain === undefined || filter === undefined) {
      return { logits: tf.zeros([1, 3]) };
    }
    const linear = tf.add(tf.matMul(inputs, kernel), bias);
    return { logits: tf.add(tf.mul(linear, gain), tf.sum(filter, [0, 1, 2])), features: linear };
  },
};
