import { defineStrategy, type Parameters, parameters as p } from '@fedx/core';
import { splitRoles, trainedNames } from './roles.js';
import { mapNamed } from './tensors.js';

/**
 * SCAFFOLD (Karimireddy, Kale, Mohri, Reddi, Stich and Suresh 2020, arXiv 1910.06378, algorithm 1).
 *
 *     client i, each of its K steps:  y = y - eta_l * (g_i(y) - c_i + c)
 *     then option I:                  c_i' = gradient of f_i at x, over all its data
 *          option II:                 c_i' = c_i - c + (x - y) / (K * eta_l)
 *     server, cohort S of N clients:  x = x + eta_g / |S| * sum (y_i - x);  c = c + 1 / N * sum (c_i' - c_i)
 *
 * The sum of the control variates goes over the cohort and is divided by all clients, N: c is the mean of every client's.
 * `server.weights: examples` weighs the models alone: clients still lean towards the optimum of the uniform mean, which c is of.
 * Where the schedule changes the rate within a round, K * eta_l of option II is the sum of the rates of the K steps; of a client
 * whose rate is 0, c_i stays. Clients must take plain gradient steps. Statistics are averaged only.
 */
export const scaffold = defineStrategy({
  name: 'scaffold',
  options: {
    type: 'object',
    description: 'Control variates correct the drift of the clients (Karimireddy et al. 2020).',
    additionalProperties: false,
    properties: {
      option: {
        type: 'string',
        enum: ['I', 'II'],
        default: 'II',
        description:
          'How a client makes its control variate: a pass over its data (I), or what its steps added up to (II).',
      },
      serverLearningRate: {
        type: 'number',
        exclusiveMinimum: 0,
        default: 1,
        description: 'eta_g: step size at the server.',
      },
    },
  },
  create: ({ option, serverLearningRate }) => ({
    requires: ['plain-sgd'],
    exactUpdates: true,
    weights: 'uniform',
    init: ({ global, parameters }) => {
      const trained = trainedNames(parameters);
      return { control: p.zerosLike(p.pick(global, trained)) };
    },
    broadcast: ({ state }) => ({ control: state.control }),
    client: {
      init: ({ trained }) => ({ control: p.zerosLike(trained) }),
      gradient: ({ tf, gradient, broadcast, state }) =>
        mapNamed(gradient, (g, own, common) => tf.add(tf.sub(g, own), common), state.control, broadcast.control),
      async end({ global, local, broadcast, state, steps, learningRate, overData }) {
        const names = Object.keys(state.control);
        const moved = p.subtract(p.pick(global, names), p.pick(local, names));
        if (option === 'II' && learningRate === 0) return { report: { control: p.zerosLike(state.control) } };
        const control: Parameters =
          option === 'I'
            ? (await overData(global)).gradient
            : p.add(p.subtract(state.control, broadcast.control), p.scale(moved, 1 / (steps * learningRate)));
        return { state: { control }, report: { control: p.subtract(control, state.control) } };
      },
    },
    aggregate({ global, state, updates, clients, parameters }) {
      const change = updates.mean(
        ({ report }) => report.control,
        () => 1,
      );
      const { weights, statistics } = splitRoles(updates.mean(), parameters);
      return {
        global: p.add(global, { ...statistics, ...p.scale(weights, serverLearningRate) }),
        state: { control: p.add(state.control, p.scale(change, updates.length / clients)) },
      };
    },
  }),
});
