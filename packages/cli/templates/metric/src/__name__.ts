import { defineMetric } from '@fedx/core';

/** How sure the model is of the true class: the mean of its probability, to a power. */
export default defineMetric({
  name: '__name__',
  options: {
    type: 'object',
    description: 'The mean probability of the true class.',
    additionalProperties: false,
    properties: {
      power: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'What each probability is raised to.' },
    },
  },
  create: ({ power }) => ({
    // Of each example of a batch; compiled, so pure tfjs.
    measure: ({ tf, logits, labels, classes }) => {
      const own = tf.sum(tf.mul(tf.softmax(logits), tf.oneHot(labels, classes)), 1);
      return { sureness: tf.pow(own, power) };
    },
    // Of all examples; plain TypeScript.
    finish: ({ total, examples }) => total('sureness') / examples,
  }),
});
