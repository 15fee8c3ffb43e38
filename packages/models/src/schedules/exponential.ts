import { defineSchedule } from '@fedx/core';
import { elapsed, timing, warmedUp } from './timing.js';

/** `gamma` to the power of the rounds or steps that have gone by. */
export const exponential = defineSchedule({
  name: 'exponential',
  options: {
    type: 'object',
    description: 'The learning rate drops by the same factor every round or step.',
    additionalProperties: false,
    required: ['gamma'],
    properties: {
      ...timing,
      gamma: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Factor of each round or step.' },
    },
  },
  create: (options) => ({
    over: options.over,
    factor: (time) => warmedUp(options, time) * options.gamma ** elapsed(options, time),
  }),
});
