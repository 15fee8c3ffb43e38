import { defineMetric } from '@fedx/core';

/**
 * The share of examples whose true class is among the k highest logits (Russakovsky et al. 2015, arXiv 1409.0575, section
 * 4.1; top-5 error is one less it). Of equal logits the first comes first, so that top-1 is the accuracy.
 */
export const topKAccuracy = defineMetric({
  name: 'top-k-accuracy',
  options: {
    type: 'object',
    description:
      'The share of examples whose true class is among the k most probable ones, e.g. test/top-k-accuracy/5.',
    additionalProperties: false,
    properties: {
      k: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 1,
        uniqueItems: true,
        default: [5],
        description: 'How many classes to look at; a key for each.',
      },
    },
  },
  create: ({ k }) => ({
    // How many classes come before the true one.
    measure: ({ tf, logits, labels, classes }) => {
      const isLabel = tf.oneHot(labels, classes);
      const own = tf.sum(tf.mul(logits, isLabel), 1, true);
      const indices = tf.range(0, classes, 1, 'int32');
      const isFirst = tf.less(indices, tf.expandDims(labels, 1));
      const isBefore = tf.logicalOr(tf.greater(logits, own), tf.logicalAnd(tf.equal(logits, own), isFirst));
      return { before: tf.sum(tf.cast(isBefore, 'float32'), 1) };
    },
    finish: ({ values, examples }) => {
      const before = values('before');
      return Object.fromEntries(k.map((size) => [size, before.filter((classes) => classes < size).length / examples]));
    },
  }),
});
