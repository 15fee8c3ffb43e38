import { defineStrategy, parameters as p } from '@fedx/core';
import { trainedNames } from './roles.js';
import { mapNamed } from './tensors.js';

/**
 * FedDyn (Acar, Zhao, Matas Navarro, Mattina, Whatmough and Saligrama 2021, arXiv 2111.04263, algorithm 1).
 *
 *     client k:  minimise L_k(w) - <g_k, w> + alpha / 2 * |w - w_t|^2;  then g_k = g_k - alpha * (w_k - w_t)
 *     server, cohort P of m clients:  h = h - alpha / m * sum_{k in P} (w_k - w_t)
 *                                     w_{t+1} = 1 / |P| * sum_{k in P} w_k - h / alpha
 *
 * g_k starts at 0; the mean over the cohort is uniform, as in the paper, unless `server.weights` says otherwise. Statistics are averaged only.
 */
export const feddyn = defineStrategy({
  name: 'feddyn',
  options: {
    type: 'object',
    description: 'Dynamic regularisation at the clients, which align with the global optimum (Acar et al. 2021).',
    additionalProperties: false,
    properties: {
      alpha: { type: 'number', exclusiveMinimum: 0, default: 0.01, description: 'Strength of the regulariser.' },
    },
  },
  create: ({ alpha }) => ({
    exactUpdates: true,
    weights: 'uniform',
    reads: 'mean',
    init: ({ global, parameters }) => {
      const trained = trainedNames(parameters);
      return { drift: p.zerosLike(p.pick(global, trained)) };
    },
    client: {
      init: ({ trained }) => ({ gradient: p.zerosLike(trained) }),
      gradient: ({ tf, gradient, parameters, global, state, hyper }) =>
        mapNamed(
          gradient,
          (g, w, start, own) => tf.add(tf.sub(g, own), tf.mul(tf.sub(w, start), hyper.alpha)),
          parameters,
          global,
          state.gradient,
        ),
      end({ global, local, state }) {
        const names = Object.keys(state.gradient);
        const moved = p.subtract(p.pick(local, names), p.pick(global, names));
        return { state: { gradient: p.subtract(state.gradient, p.scale(moved, alpha)) } };
      },
    },
    aggregate({ global, state, updates, clients }) {
      const mean = updates.mean();
      const names = Object.keys(state.drift);
      const share = (alpha * updates.length) / clients;
      const drift = p.subtract(state.drift, p.scale(p.pick(mean, names), share));
      const averaged = p.add(global, mean);
      const corrected = p.subtract(p.pick(averaged, names), p.scale(drift, 1 / alpha));
      return { global: { ...averaged, ...corrected }, state: { drift } };
    },
  }),
});
