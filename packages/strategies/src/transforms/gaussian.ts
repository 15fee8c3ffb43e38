import { defineTransform, FedxError } from '@fedx/core';
import { fill } from '../fill.js';

/**
 * Normal noise for differential privacy, `noise` times the bound of the clip before it, on each value:
 *
 * - `central`: once on the sum of a round's updates (McMahan, Ramage, Talwar and Zhang 2018, arXiv 1710.06963, algorithm 1).
 *   The server is trusted to add it, and strategies get nothing but the noisy mean.
 * - `local`: on each client's update before it leaves, so that no server need be trusted.
 */
export const gaussianNoise = defineTransform({
  name: 'gaussian',
  options: {
    type: 'object',
    description: 'Normal noise for differential privacy, in bounds of the clip before it.',
    additionalProperties: false,
    required: ['noise'],
    properties: {
      noise: { type: 'number', exclusiveMinimum: 0, description: 'Standard deviation of the noise, in bounds.' },
      scope: {
        type: 'string',
        enum: ['central', 'local'],
        default: 'central',
        description: 'Noise on the sum of a round, or on each update.',
      },
      delta: {
        type: 'number',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 1e-5,
        description: 'The delta that privacy/epsilon is reported for.',
      },
    },
  },
  create: ({ noise, scope, delta }) => ({
    privacy: { role: 'noise', scope, multiplier: noise, delta },
    apply({ sent, bytes, bound, random }) {
      if (bound === undefined) throw new FedxError('FEDX_PRIVACY_UNMET', 'Noise without a bound is not private.');
      if (scope === 'central') return { sent, bytes, bound };
      return { sent: fill(sent, (value) => value + noise * bound * random.normal()) };
    },
  }),
});
