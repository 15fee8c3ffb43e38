import { defineStrategy, parameters as p } from '@fedx/core';
import { proximal } from '../fedprox.js';

/**
 * Ditto (Li, Hu, Beirami and Smith 2021, arXiv 2012.04221, algorithm 1): beside a shared model by federated averaging, each
 * client trains a model v_k of its own, pulled to the shared one: `F_k(v) + lambda / 2 * |v - w_t|^2`.
 */
export const ditto = defineStrategy({
  name: 'ditto',
  options: {
    type: 'object',
    description: 'Each client also trains a personal model, held near the global one (Li et al. 2021).',
    additionalProperties: false,
    properties: {
      lambda: { type: 'number', minimum: 0, default: 0.1, description: 'Pull of a personal model to the shared one.' },
    },
  },
  create: () => ({
    weights: 'examples',
    reads: 'mean',
    personal: { gradient: ({ tf, hyper, ...call }) => proximal(tf, hyper.lambda, call) },
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});
