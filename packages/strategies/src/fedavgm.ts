import { defineStrategy, parameters as p } from '@fedx/core';
import { splitRoles } from './roles.js';

/**
 * Federated averaging with server momentum (Hsu, Qi and Brown 2019, arXiv 1909.06335, section 4.3):
 *
 *     v_t = momentum * v_{t-1} + sum_k n_k / n * (w_k - w_t)
 *     w_{t+1} = w_t + serverLearningRate * v_t
 *
 * Statistics, such as moving means, are averaged without momentum.
 */
export const fedavgm = defineStrategy({
  name: 'fedavgm',
  options: {
    type: 'object',
    description: 'Server momentum on the mean update (Hsu, Qi and Brown 2019).',
    additionalProperties: false,
    properties: {
      momentum: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
        description: 'Share of the last step that the next one keeps.',
      },
      serverLearningRate: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'Step size at the server.' },
    },
  },
  create: ({ momentum, serverLearningRate }) => ({
    weights: 'examples',
    reads: 'mean',
    init: ({ global, parameters }) => ({ velocity: p.zerosLike(splitRoles(global, parameters).weights) }),
    aggregate({ global, state, updates, parameters }) {
      const { weights, statistics } = splitRoles(updates.mean(), parameters);
      const velocity = p.add(p.scale(state.velocity, momentum), weights);
      return {
        global: p.add(global, { ...statistics, ...p.scale(velocity, serverLearningRate) }),
        state: { velocity },
      };
    },
  }),
});
