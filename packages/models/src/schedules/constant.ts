import { defineSchedule } from '@fedx/core';
import { timing, warmedUp } from './timing.js';

/** The same learning rate throughout, after a warm-up where one is asked for. */
export const constant = defineSchedule({
  name: 'constant',
  options: {
    type: 'object',
    description: 'The same learning rate throughout, after a warm-up where one is asked for.',
    additionalProperties: false,
    properties: timing,
  },
  create: (options) => ({ over: options.over, factor: (time) => warmedUp(options, time) }),
});
