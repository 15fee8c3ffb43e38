import { defineMetric } from '@fedx/core';
import { countClasses, mean, measureClasses } from './confusion.js';

/**
 * The mean over classes of F1 = 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall (the averaged F1 of Opitz
 * and Burst 2019, arXiv 1911.03347; scikit-learn's f1_score with average='macro'). A class that is neither in the examples
 * nor predicted does not count; one that is never met right counts 0.
 */
export const macroF1 = defineMetric({
  name: 'macro-f1',
  options: {
    type: 'object',
    description: 'The mean over classes of F1, the harmonic mean of precision and recall.',
    additionalProperties: false,
    properties: {},
  },
  create: () => ({
    measure: measureClasses,
    finish: (call) =>
      mean(
        countClasses(call)
          .filter(({ examples, predicted }) => examples + predicted > 0)
          .map(({ examples, predicted, right }) => (2 * right) / (examples + predicted)),
      ),
  }),
});
