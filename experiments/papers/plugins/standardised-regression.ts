import { defineModel } from '@fedx/core';

/**
 * Multinomial logistic regression on inputs that are standardised first: `logits = ((x - mean) / deviation) · W + b`. A
 * learning rate means nothing without the scale of the inputs, and FedProx's experiments (Li et al. 2020) standardise
 * them. The defaults are those of MNIST's pixels in [0, 1]. Starts at zero: the problem is convex.
 */
export default defineModel({
  name: 'standardised-regression',
  options: {
    type: 'object',
    description: 'Multinomial logistic regression on standardised inputs.',
    additionalProperties: false,
    properties: {
      mean: { type: 'number', default: 0.1307, description: 'What is subtracted from every input.' },
      deviation: { type: 'number', exclusiveMinimum: 0, default: 0.3081, description: 'What it is divided by.' },
    },
  },
  create: ({ mean, deviation }, { inputShape, classes }) => {
    const features = inputShape.reduce((product, size) => product * size, 1);
    return {
      init: () => ({
        kernel: { shape: [features, classes], data: new Float32Array(features * classes) },
        bias: { shape: [classes], data: new Float32Array(classes) },
      }),
      apply: ({ tf, parameters: { kernel, bias }, inputs }) => {
        if (kernel === undefined || bias === undefined) throw new TypeError('The parameters are not those of init.');
        const x = tf.div(tf.sub(tf.reshape(inputs, [-1, features]), mean), deviation);
        return { logits: tf.add(tf.matMul(x, kernel), bias) };
      },
    };
  },
});
