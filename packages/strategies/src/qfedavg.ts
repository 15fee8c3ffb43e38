import { defineStrategy, type Parameters, parameters as p, type Update } from '@fedx/core';
import { meanStatistics, trainedNames } from './roles.js';

/** What a client reports: its mean loss at the parameters that it started from. */
interface Report {
  readonly loss: number;
}

/** What is added to every loss. */
const LEAST = 1e-10;

/**
 * q-FedAvg (Li, Sanjabi, Beirami and Smith 2020, arXiv 1905.10497, algorithm 2): clients with larger loss count for more.
 *
 *     F_k = loss of client k at w_t, in training mode;  dw_k = L * (w_t - w_k), L = 1 / eta
 *     h_k = q * F_k^(q-1) * |dw_k|^2 + L * F_k^q
 *     w_{t+1} = w_t - sum_k F_k^q * dw_k / sum_k h_k
 *
 * `q: 0` is the uniform mean. eta is the local learning rate of the round; where it is 0, nothing moves. Above 0, clients must take
 * plain gradient steps, as of no others is dw_k a gradient. To every F_k 1e-10 is added, as the authors' code (fair_flearn)
 * does: a client without any loss would have 0^(q-1). A loss below 0, as attackers or noise may have it, counts as 0.
 * Statistics are averaged only.
 */
export const qfedavg = defineStrategy({
  name: 'qfedavg',
  options: {
    type: 'object',
    description: 'Clients with higher loss weigh more, for fairer accuracy (Li et al. 2020).',
    additionalProperties: false,
    properties: { q: { type: 'number', minimum: 0, default: 1, description: 'Fairness: larger evens out more.' } },
  },
  create: ({ q }) => ({
    requires: q > 0 ? ['plain-sgd'] : [],
    weights: 'uniform',
    client: { end: async ({ global, overData }) => ({ report: { loss: (await overData(global)).loss } }) },
    aggregate({ global, updates, learningRate, parameters }) {
      if (learningRate === 0) return { global };
      const inverse = 1 / learningRate;
      const everyone = [...updates];
      const losses = everyone.map(({ report }: Update<Report>) => Math.max(report.loss, 0) + LEAST);
      // Above and below the line F_k^q is in parts of the largest, so that no large q makes all of them 0, or one infinite.
      const largest = Math.max(...losses);
      const factors = losses.map((loss) => (loss / largest) ** q);
      const trained = trainedNames(parameters);
      // The sum of F_k^q * L * delta_k is that of a mean with weights F_k^q, times their sum.
      const { mean, norms } = p.meanWithNorms(
        everyone.map(({ delta }) => p.pick(delta, trained)),
        factors,
      );
      const h = factors.map(
        (factor, k) => factor * ((q / (losses[k] ?? 1)) * (inverse * (norms[k] ?? 0)) ** 2 + inverse),
      );
      const total = h.reduce((all, value) => all + value, 0);
      const sum = factors.reduce((all, factor) => all + factor, 0);
      const step: Parameters = { ...meanStatistics(updates, parameters), ...p.scale(mean, (inverse * sum) / total) };
      return { global: p.add(global, step) };
    },
  }),
});
