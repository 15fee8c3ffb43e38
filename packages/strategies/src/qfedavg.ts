import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * q-FedAvg (Li, Sanjabi, Beirami and Smith 2020, arXiv 1905.10497, algorithm 2): clients with larger loss count for more.
 *
 *     F_k = loss of client k at w_t;  dw_k = L * (w_t - w_k), L = 1 / eta
 *     h_k = q * F_k^(q-1) * |dw_k|^2 + L * F_k^q
 *     w_{t+1} = w_t - sum_k F_k^q * dw_k / sum_k h_k
 *
 * `q: 0` is the uniform mean. eta is the local learning rate of the round.
 */
export const qfedavg = defineStrategy({
  name: 'qfedavg',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { q: { type: 'number', minimum: 0, default: 1, description: 'Fairness: larger evens out more.' } },
  },
  create: ({ q }) => ({
    weights: 'uniform',
    client: { end: async ({ global, overData }) => ({ report: { loss: (await overData(global)).loss } }) },
    aggregate({ global, updates, learningRate }) {
      const inverse = 1 / learningRate;
      const everyone = [...updates];
      const factors = everyone.map(({ report }) => report.loss ** q);
      const h = everyone.map(({ delta, report }, k) => {
        const squared = (inverse * p.norm(delta)) ** 2;
        return q * report.loss ** (q - 1) * squared + inverse * (factors[k] ?? 0);
      });
      const total = h.reduce((sum, value) => sum + value, 0);
      const sum = factors.reduce((all, factor) => all + factor, 0);
      // The sum of F_k^q * L * delta_k is that of a mean with weights F_k^q, times their sum.
      const mean = updates.mean(
        ({ delta }) => delta,
        ({ report }) => report.loss ** q,
      );
      return { global: p.add(global, p.scale(mean, (inverse * sum) / total)) };
    },
  }),
});
