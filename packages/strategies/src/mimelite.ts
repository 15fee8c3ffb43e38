import { defineStrategy, parameters as p } from '@fedx/core';
import { trainedNames } from './roles.js';
import { mapNamed } from './tensors.js';

/**
 * MimeLite with SGD and momentum (Karimireddy, Jaggi, Kale, Mohri, Reddi, Stich and Suresh 2020, arXiv 2008.03606,
 * algorithm 1 and table 1): clients use the server's momentum and leave it as it is; the server moves it by full gradients.
 *
 *     client, each step:  y = y - eta * ((1 - beta) * g(y) + beta * m)
 *     server:             x = mean of y_i;   m = (1 - beta) * mean of the gradients of f_i at x + beta * m
 */
export const mimelite = defineStrategy({
  name: 'mimelite',
  options: {
    type: 'object',
    description: 'Clients use the server momentum and leave it as it is (Karimireddy et al. 2020).',
    additionalProperties: false,
    properties: {
      beta: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
        description: 'Share of the old momentum.',
      },
    },
  },
  create: ({ beta }) => ({
    requires: ['plain-sgd'],
    weights: 'examples',
    init: ({ global, parameters }) => {
      const trained = trainedNames(parameters);
      return { momentum: p.zerosLike(p.pick(global, trained)) };
    },
    broadcast: ({ state }) => ({ momentum: state.momentum }),
    client: {
      gradient: ({ tf, gradient, broadcast, hyper }) =>
        mapNamed(
          gradient,
          (g, m) => tf.add(tf.mul(g, tf.sub(1, hyper.beta)), tf.mul(m, hyper.beta)),
          broadcast.momentum,
        ),
      end: async ({ global, overData }) => ({ report: { gradient: (await overData(global)).gradient } }),
    },
    aggregate: ({ global, state, updates }) => ({
      global: p.add(global, updates.mean()),
      state: {
        momentum: p.add(
          p.scale(
            updates.mean(({ report }) => report.gradient),
            1 - beta,
          ),
          p.scale(state.momentum, beta),
        ),
      },
    }),
  }),
});
