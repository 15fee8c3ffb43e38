import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * FedBN (Li, Jiang, Zhang, Kamp and Dou 2021, arXiv 2102.07623): what belongs to normalisation layers, scales, offsets and
 * statistics, stays with its client; everything else is averaged. A layer is one if its name has `norm` in it.
 */
export const fedbn = defineStrategy({
  name: 'fedbn',
  options: {
    type: 'object',
    description: 'Normalisation layers stay with their clients (Li et al. 2021).',
    additionalProperties: false,
    properties: {},
  },
  create: () => ({
    weights: 'examples',
    reads: 'mean',
    shared: ({ name, role }) => role === 'weight' && !/norm/i.test(name),
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});
