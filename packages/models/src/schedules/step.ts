import { defineSchedule } from '@fedx/core';
import { elapsed, timing, warmedUp } from './timing.js';

/** `gamma` to the power of how often `every` rounds or steps have gone by. */
export const step = defineSchedule({
  name: 'step',
  options: {
    type: 'object',
    description: 'The learning rate drops by a factor every so many rounds or steps.',
    additionalProperties: false,
    required: ['every'],
    properties: {
      ...timing,
      every: { type: 'integer', minimum: 1, description: 'Rounds or steps from one drop to the next.' },
      gamma: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.1, description: 'Factor of each drop.' },
    },
  },
  create: (options) => ({
    over: options.over,
    factor: (time) => warmedUp(options, time) * options.gamma ** Math.floor(elapsed(options, time) / options.every),
  }),
});
