import { defineMetric } from '@fedx/core';

/**
 * How far a model's confidence is from its accuracy (Guo, Pleiss, Sun and Weinberger 2017, arXiv 1706.04599, equation 3):
 *
 *     ECE = sum_m |B_m| / n * |acc(B_m) - conf(B_m)|
 *
 * over `bins` of the same width: B_m has the examples whose confidence, the highest softmax probability, lies in
 * ((m - 1) / bins, m / bins].
 */
export const expectedCalibrationError = defineMetric({
  name: 'expected-calibration-error',
  options: {
    type: 'object',
    description:
      'How far confidence is from accuracy, over bins of confidence (Guo et al. 2017); the lower the better.',
    additionalProperties: false,
    properties: {
      bins: { type: 'integer', minimum: 1, maximum: 1000, default: 15, description: 'Bins of the same width.' },
    },
  },
  better: 'lower',
  create: ({ bins }) => ({
    measure: ({ tf, logits, labels }) => ({
      confidence: tf.max(tf.softmax(logits), 1),
      right: tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels),
    }),
    finish: ({ values, examples }) => {
      const [confidence, right] = [values('confidence'), values('right')];
      const gaps = new Float64Array(bins);
      for (let i = 0; i < examples; i++) {
        const sure = confidence[i] ?? 0;
        const bin = Math.min(bins, Math.max(1, Math.ceil(sure * bins))) - 1;
        gaps[bin] = (gaps[bin] ?? 0) + (right[i] ?? 0) - sure;
      }
      return gaps.reduce((total, gap) => total + Math.abs(gap), 0) / examples;
    },
  }),
});
