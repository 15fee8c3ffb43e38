import { defineOptimizer } from '@fedx/core';
import { epsilon, learningRate, rho } from './options.js';

/**
 * RMSProp (Tieleman and Hinton 2012, lecture 6e), as PyTorch has it:
 *
 *     s = rho * s + (1 - rho) * g^2
 *     v = momentum * v + g / (sqrt(s) + epsilon)
 *     w = w - learningRate * v
 */
export const rmsprop = defineOptimizer({
  name: 'rmsprop',
  options: {
    type: 'object',
    description: 'RMSProp (Tieleman and Hinton 2012), with momentum where it is asked for.',
    additionalProperties: false,
    required: ['learningRate'],
    properties: {
      learningRate,
      rho: { ...rho, default: 0.99 },
      epsilon,
      momentum: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0,
        description: 'Share of the last step that the next one keeps.',
      },
    },
  },
  create: ({ momentum }) => ({
    slots: momentum === 0 ? ['square'] : ['square', 'velocity'],
    update({ tf, parameter, gradient, slots, hyper }) {
      const { square: before = tf.zerosLike(gradient), velocity: last } = slots;
      const square = tf.add(tf.mul(before, hyper.rho), tf.mul(tf.square(gradient), tf.sub(1, hyper.rho)));
      const scaled = tf.div(gradient, tf.add(tf.sqrt(square), hyper.epsilon));
      const velocity = last === undefined ? scaled : tf.add(tf.mul(last, hyper.momentum), scaled);
      return {
        parameter: tf.sub(parameter, tf.mul(velocity, hyper.learningRate)),
        slots: last === undefined ? { square } : { square, velocity },
      };
    },
  }),
});
