import { defineMetric } from '@fedx/core';

/**
 * The recall of the class that is met worst: what a mean over classes or examples hides where a skewed federation forgets
 * a class (Mohri, Sivek and Suresh 2019, arXiv 1902.00146, look at the worst of several distributions for this reason).
 */
export default defineMetric({
  name: 'worst-class-recall',
  options: {
    type: 'object',
    description: 'The share of examples predicted right of the class of which it is the lowest.',
    additionalProperties: false,
    properties: {
      minimum: {
        type: 'integer',
        minimum: 1,
        default: 1,
        description: 'Classes with fewer examples are left out.',
      },
    },
  },
  create: ({ minimum }) => ({
    measure: ({ tf, logits, labels, classes }) => {
      const actual = tf.oneHot(labels, classes);
      const predicted = tf.oneHot(tf.cast(tf.argMax(logits, 1), 'int32'), classes);
      return { actual, right: tf.mul(actual, predicted) };
    },
    finish: ({ sums }) => {
      const right = sums('right');
      const recalls = sums('actual').flatMap((examples, label) =>
        examples < minimum ? [] : [(right[label] ?? 0) / examples],
      );
      return recalls.length === 0 ? undefined : Math.min(...recalls);
    },
  }),
});
