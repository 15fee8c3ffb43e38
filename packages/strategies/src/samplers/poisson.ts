import { defineSampler, FedxError } from '@fedx/core';

/** A round is drawn so often at least before it is given up, and so many numbers of few clients. */
const LEAST_ATTEMPTS = 100;
const LEAST_DRAWS = 1_000_000;

/**
 * Each client takes part with the same probability, independently of the others (Poisson sampling, as accountants of
 * differential privacy assume it). A round in which nobody would take part is drawn again; throws FEDX_COHORT_TOO_SMALL
 * where that leads nowhere.
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
  sample: ({ probability }, { round, examples, random }) => {
    const attempts = Math.max(LEAST_ATTEMPTS, LEAST_DRAWS / examples.length);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const cohort = [...examples.keys()].filter(() => random.uniform() < probability);
      if (cohort.length > 0) return cohort;
    }
    throw new FedxError(
      'FEDX_COHORT_TOO_SMALL',
      `In round ${round} none of ${examples.length} clients takes part, however often it is drawn: each does with probability ${probability}.`,
      { hint: 'Raise server.cohort.probability.' },
    );
  },
});
