import { defineOptimizer } from '@fedx/core';
import { learningRate, weightDecay } from './options.js';

/**
 * Stochastic gradient descent, with momentum as PyTorch and Sutskever et al. 2013 write it:
 *
 *     g = gradient + weightDecay * w
 *     v = momentum * v + g                       (v starts at 0 each round)
 *     w = w - learningRate * v                   (nesterov: w - learningRate * (g + momentum * v))
 *
 * As in PyTorch, nesterov without momentum is an error.
 */
export const sgd = defineOptimizer({
  name: 'sgd',
  options: {
    type: 'object',
    description: 'Stochastic gradient descent, with momentum where it is asked for.',
    additionalProperties: false,
    required: ['learningRate'],
    properties: {
      learningRate,
      momentum: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0,
        description: 'Share of the last step that the next one keeps.',
      },
      nesterov: { type: 'boolean', default: false, description: 'Looks ahead along the momentum.' },
      weightDecay,
    },
    if: { required: ['nesterov'], properties: { nesterov: { const: true } } },
    then: { required: ['momentum'], properties: { momentum: { type: 'number', exclusiveMinimum: 0 } } },
  },
  create: ({ momentum, nesterov, weightDecay: decay }) => ({
    slots: momentum === 0 ? [] : ['velocity'],
    update({ tf, parameter, gradient, slots, hyper }) {
      const g = decay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, hyper.weightDecay));
      const { velocity: before } = slots;
      if (before === undefined) return { parameter: tf.sub(parameter, tf.mul(hyper.learningRate, g)) };
      const velocity = tf.add(tf.mul(before, hyper.momentum), g);
      const direction = nesterov ? tf.add(g, tf.mul(velocity, hyper.momentum)) : velocity;
      return { parameter: tf.sub(parameter, tf.mul(hyper.learningRate, direction)), slots: { velocity } };
    },
  }),
});
