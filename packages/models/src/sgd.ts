import { defineOptimizer, FedxError } from '@fedx/core';

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
    update: ({ tf, parameter, gradient, hyper }) => {
      const { learningRate } = hyper;
      if (learningRate === undefined) {
        throw new FedxError('FEDX_PLUGIN_FAILED', 'The program has no input for learningRate.', {
          place: { plugin: 'sgd' },
        });
      }
      return { parameter: tf.sub(parameter, tf.mul(learningRate, gradient)) };
    },
  }),
});
