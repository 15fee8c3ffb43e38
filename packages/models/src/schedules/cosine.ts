import { defineSchedule } from '@fedx/core';
import { elapsed, timing, warmedUp } from './timing.js';

/**
 * Half a cosine from 1 down to `minimum` (Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5, without restarts),
 * over `length` rounds or steps; then it stays at `minimum`.
 */
export const cosine = defineSchedule({
  name: 'cosine',
  options: {
    type: 'object',
    description: 'The learning rate falls as half a cosine (Loshchilov and Hutter 2017).',
    additionalProperties: false,
    properties: {
      ...timing,
      length: {
        type: 'integer',
        minimum: 1,
        description: 'Rounds or steps from the top to the bottom. By rounds, default: all rounds of the run.',
      },
      minimum: { type: 'number', minimum: 0, maximum: 1, default: 0, description: 'Factor at the end.' },
    },
    if: { required: ['over'], properties: { over: { const: 'steps' } } },
    then: { properties: { length: { type: 'integer' } }, required: ['length'] },
  },
  create: (options) => ({
    over: options.over,
    factor(time) {
      const progress = Math.min(1, elapsed(options, time) / (options.length ?? time.rounds));
      const height = options.minimum + ((1 - options.minimum) * (1 + Math.cos(Math.PI * progress))) / 2;
      return warmedUp(options, time) * height;
    },
  }),
});
