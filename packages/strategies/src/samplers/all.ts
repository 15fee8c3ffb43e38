import { defineSampler } from '@fedx/core';

/** Full participation: every client, every round (C = 1 in McMahan et al. 2017). */
export const all = defineSampler({
  name: 'all',
  options: {
    type: 'object',
    description: 'Full participation: every client, every round.',
    additionalProperties: false,
    properties: {},
  },
  inclusion: () => 1,
  sample: (_options, { examples }) => examples.map((_count, client) => client),
});
