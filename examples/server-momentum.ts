import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * FedAvgM: momentum on the server, over the mean update (Hsu, Qi and Brown 2019, arXiv 1909.06335).
 *
 *     v_t = beta * v_{t-1} + mean update;  w_{t+1} = w_t + v_t
 *
 * beta is `momentum`; 0 is federated averaging.
 */
export default defineStrategy({
  name: 'server-momentum',
  options: {
    type: 'object',
    description: 'Momentum on the server, over the mean update (Hsu, Qi and Brown 2019).',
    additionalProperties: false,
    properties: {
      momentum: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
        description: 'How much of the last change is kept; 0 is federated averaging.',
      },
    },
  },
  create: ({ momentum }) => ({
    reads: 'mean',
    init: ({ global }) => ({ velocity: p.zerosLike(global) }),
    aggregate: ({ global, state, updates }) => {
      const velocity = p.add(p.scale(state.velocity, momentum), updates.mean());
      return { global: p.add(global, velocity), state: { velocity } };
    },
  }),
});
