import { defineOptimizer } from '@fedx/core';

/** SGD with heavy-ball momentum (Polyak 1964): v = momentum * v + gradient; w = w - learningRate * v. */
export default defineOptimizer({
  name: '__name__',
  options: {
    type: 'object',
    description: 'Gradient descent with heavy-ball momentum.',
    additionalProperties: false,
    required: ['learningRate'],
    properties: {
      learningRate: { type: 'number', exclusiveMinimum: 0, description: 'Step size.' },
      momentum: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
        description: 'How much of the last step is kept.',
      },
    },
  },
  create: () => ({
    slots: ['velocity'],
    update: ({ tf, parameter, gradient, slots, hyper }) => {
      const velocity = tf.add(tf.mul(hyper.momentum, slots['velocity'] ?? 0), gradient);
      return { parameter: tf.sub(parameter, tf.mul(hyper.learningRate, velocity)), slots: { velocity } };
    },
  }),
});
