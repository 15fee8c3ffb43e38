import { defineStrategy, parameters as p, type Update } from '@fedx/core';

/** What a client reports: its mean loss at the parameters that it started from. */
interface Report {
  readonly loss: number;
}

/** What is added to every loss. */
const LEAST = 1e-10;

/**
 * q-FedAvg (Li, Sanjabi, Beirami and Smith 2020, arXiv 1905.10497, algorithm 2): clients with larger loss count for more.
 *
 *     F_k = loss of client k at w_t;  dw_k = L * (w_t - w_k), L = 1 / eta
 *     h_k = q * F_k^(q-1) * |dw_k|^2 + L * F_k^q
 *     w_{t+1} = w_t - sum_k F_k^q * dw_k / sum_k h_k
 *
 * `q: 0` is the uniform mean. eta is the local learning rate of the round. To every F_k 1e-10 is added, as the authors' code
 * (fair_flearn) does: a client without any loss would have 0^(q-1).
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
    weights: 'uniform',
    client: { end: async ({ global, overData }) => ({ report: { loss: (await overData(global)).loss } }) },
    aggregate({ global, updates, learningRate }) {
      const inverse = 1 / learningRate;
      const lossOf = ({ report }: Update<Report>): number => report.loss + LEAST;
      const factorOf = (update: Update<Report>): number => lossOf(update) ** q;
      const everyone = [...updates];
      const factors = everyone.map(factorOf);
      // The sum of F_k^q * L * delta_k is that of a mean with weights F_k^q, times their sum.
      const { mean, norms } = p.meanWithNorms(
        everyone.map(({ delta }) => delta),
        factors,
      );
      const h = everyone.map(
        (update, k) => q * lossOf(update) ** (q - 1) * (inverse * (norms[k] ?? 0)) ** 2 + inverse * (factors[k] ?? 0),
      );
      const total = h.reduce((all, value) => all + value, 0);
      const sum = factors.reduce((all, factor) => all + factor, 0);
      return { global: p.add(global, p.scale(mean, (inverse * sum) / total)) };
    },
  }),
});
