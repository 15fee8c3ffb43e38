import { defineSchedule } from '@fedx/core';

/** The learning rate falls as one over the root of the round, at first more slowly: sqrt(offset / (offset + round - 1)). */
export default defineSchedule({
  name: '__name__',
  options: {
    type: 'object',
    description: 'One over the root of the round.',
    additionalProperties: false,
    properties: {
      offset: {
        type: 'number',
        minimum: 1,
        default: 1,
        description: 'Rounds after which the rate has fallen to 0.71.',
      },
    },
  },
  create: ({ offset }) => ({ over: 'rounds', factor: ({ round }) => Math.sqrt(offset / (offset + round - 1)) }),
});
