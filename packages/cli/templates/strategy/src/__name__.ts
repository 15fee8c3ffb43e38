import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * Federated averaging with a learning rate of the server's own (Reddi et al. 2021, arXiv 2003.00295, FedOpt with SGD).
 *
 *     w_{t+1} = w_t + eta * mean update
 *
 * eta is `serverLearningRate`; 1 is federated averaging.
 */
export default defineStrategy({
  name: '__name__',
  options: {
    type: 'object',
    description: 'Federated averaging with a learning rate of the server’s own.',
    additionalProperties: false,
    properties: {
      serverLearningRate: {
        type: 'number',
        exclusiveMinimum: 0,
        default: 1,
        description: 'What the mean update is multiplied by; 1 is federated averaging.',
      },
    },
  },
  create: ({ serverLearningRate }) => ({
    aggregate: ({ global, updates }) => ({ global: p.add(global, p.scale(updates.mean(), serverLearningRate)) }),
  }),
});
