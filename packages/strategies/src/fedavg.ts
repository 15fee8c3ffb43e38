import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * Federated averaging (McMahan, Moore, Ramage, Hampson and Agüera y Arcas 2017, arXiv 1602.05629, Algorithm 1).
 *
 *     for each round t:
 *       S_t = the cohort
 *       for each client k in S_t, in parallel:
 *         w_k = w_t; for each local epoch, for each batch b: w_k = w_k - eta * grad loss(w_k; b)
 *       w_{t+1} = sum_k n_k / n * w_k = w_t + sum_k n_k / n * (w_k - w_t)
 *
 * | symbol | here |
 * |---|---|
 * | w_t | `global` |
 * | w_k - w_t | an update's `delta` |
 * | n_k | an update's `examples`; n is their sum over the cohort (the published algorithm's m_t) |
 * | C, E, B, eta | `server.cohort`, `client.epochs`, `client.batchSize`, `client.optimizer.learningRate` |
 */
export const fedavg = defineStrategy({
  name: 'fedavg',
  options: {
    type: 'object',
    description:
      "Federated averaging: the mean of the clients' models, weighted by their examples (McMahan et al. 2017).",
    additionalProperties: false,
    properties: {},
  },
  create: () => ({
    weights: 'examples',
    reads: 'mean',
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});
