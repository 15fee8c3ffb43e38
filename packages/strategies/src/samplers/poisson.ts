import { defineSampler } from '@fedx/core';

/**
 * Each client takes part with the same probability, independently of the others (Poisson sampling, as accountants of
 * differential privacy assume it). A round in which nobody would take part is drawn again.
 */
export const poisson = defineSampler({
  name: 'poisson',
  options: {
    type: 'object',
    description: 'Each client takes part with the same probability, independently of the others.',
    additionalProperties: false,
    required: ['probability'],
    properties: {
      probability: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Of each client, each round.' },
    },
  },
  inclusion: ({ probability }) => probability,
  sample: ({ probability }, { examples, random }) => {
    for (;;) {
      const cohort = [...examples.keys()].filter(() => random.uniform() < probability);
      if (cohort.length > 0) return cohort;
    }
  },
});
