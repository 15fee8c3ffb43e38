import { defineSampler } from '@fedx/core';
import { checkCohortSize } from './cohort-size.js';

/**
 * So many clients a round, each cohort equally likely (McMahan et al. 2017: a share C of all, at least one). `clients` or
 * `share`, not both.
 */
export const uniform = defineSampler({
  name: 'uniform',
  options: {
    type: 'object',
    description: 'So many clients a round, each equally likely.',
    additionalProperties: false,
    properties: {
      share: { type: 'number', minimum: 0, maximum: 1, description: 'C: share of the clients; 0 is one client.' },
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
    },
    oneOf: [
      { properties: { share: { type: 'number' } }, required: ['share'] },
      { properties: { clients: { type: 'integer' } }, required: ['clients'] },
    ],
  },
  sample: ({ share, clients }, { examples, random }) => {
    const everyone = new Uint32Array(examples.length).map((_, client) => client);
    const count = clients ?? Math.max(1, Math.round((share ?? 1) * everyone.length));
    checkCohortSize(
      count,
      everyone.length,
      'Lower server.cohort.clients, or raise the number of clients in partition.',
    );
    return [...random.shuffle(everyone).slice(0, count).sort()];
  },
});
