import { defineSampler, FedxError } from '@fedx/core';

/** The same clients each round, or one list of clients after the other, over and over. */
export const fixed = defineSampler({
  name: 'fixed',
  options: {
    type: 'object',
    description: 'The same clients each round, or one list of clients after the other.',
    additionalProperties: false,
    required: ['rounds'],
    properties: {
      rounds: {
        type: 'array',
        minItems: 1,
        items: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'integer', minimum: 0 } },
        description: 'Client numbers of round 1, 2, …; after the last list the first one follows again.',
      },
    },
  },
  sample: ({ rounds }, { round, examples }) => {
    const cohort = rounds[(round - 1) % rounds.length] ?? [];
    const unknown = cohort.find((client) => client >= examples.length);
    if (unknown !== undefined) {
      throw new FedxError(
        'FEDX_COHORT_TOO_LARGE',
        `Round ${round} lists client ${unknown}, but the last one is ${examples.length - 1}.`,
        {
          hint: 'Client numbers start from 0.',
        },
      );
    }
    return cohort.toSorted((a, b) => a - b);
  },
});
