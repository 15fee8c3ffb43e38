import { defineOptimizer } from '@fedx/core';

/** Stochastic gradient descent: `parameter - learningRate * gradient`. */
export const sgd = defineOptimizer({
  name: 'sgd',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['learningRate'],
    properties: {
      learningRate: { type: 'number', exclusiveMinimum: 0, description: 'Step size.' },
    },
  },
  create: () => ({
    update: ({ tf, parameter, gradient, hyper }) => ({
      parameter: tf.sub(parameter, tf.mul(hyper.learningRate, gradient)),
    }),
  }),
});
