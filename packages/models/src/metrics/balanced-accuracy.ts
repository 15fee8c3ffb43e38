import { defineMetric } from '@fedx/core';
import { countClasses, mean, measureClasses } from './confusion.js';

/**
 * The mean over classes of the share of a class's examples that is predicted right (Brodersen et al. 2010, "The balanced
 * accuracy and its posterior distribution"; scikit-learn's balanced_accuracy_score): every class counts alike, however
 * rare it is. A class without examples does not count.
 */
export const balancedAccuracy = defineMetric({
  name: 'balanced-accuracy',
  options: {
    type: 'object',
    description: 'The mean over classes of the accuracy on the examples of a class (Brodersen et al. 2010).',
    additionalProperties: false,
    properties: {},
  },
  create: () => ({
    measure: measureClasses,
    finish: (call) =>
      mean(
        countClasses(call)
          .filter(({ examples }) => examples > 0)
          .map(({ examples, right }) => right / examples),
      ),
  }),
});
