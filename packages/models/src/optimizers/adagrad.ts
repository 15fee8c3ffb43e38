import { defineOptimizer } from '@fedx/core';
import { epsilon, learningRate } from './options.js';

/**
 * Adagrad (Duchi, Hazan and Singer 2011, section 1.3, diagonal form): `s = s + g^2`, `w = w - learningRate * g / (sqrt(s) + epsilon)`;
 * s starts at `initialAccumulator` each round.
 */
export const adagrad = defineOptimizer({
  name: 'adagrad',
  options: {
    type: 'object',
    description: 'Adagrad (Duchi, Hazan and Singer 2011), in its diagonal form.',
    additionalProperties: false,
    required: ['learningRate'],
    properties: {
      learningRate,
      epsilon,
      initialAccumulator: {
        type: 'number',
        minimum: 0,
        default: 0,
        description: 'Where the sum of squares starts.',
      },
    },
  },
  create: () => ({
    slots: ['squares'],
    update({ tf, parameter, gradient, slots: { squares: before = tf.zerosLike(gradient) }, hyper }) {
      // Slots start at zero: the initial value stands beside the sum.
      const squares = tf.add(before, tf.square(gradient));
      const scale = tf.add(tf.sqrt(tf.add(squares, hyper.initialAccumulator)), hyper.epsilon);
      return { parameter: tf.sub(parameter, tf.mul(tf.div(gradient, scale), hyper.learningRate)), slots: { squares } };
    },
  }),
});
