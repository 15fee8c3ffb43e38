import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * Robust federated aggregation by the geometric median (Pillutla, Kakade and Harchaoui 2022, arXiv 1912.13445, algorithm
 * 2): smoothed Weiszfeld iterations from the mean. Bears attackers of less than half of the weight.
 *
 *     b_k = (n_k / n) / max(smoothing, |v - d_k|);   v = sum_k b_k d_k / sum_k b_k
 *
 * As in the authors' code (github.com/krishnap25/RFA, `geometric_median_update`), iterations end early where
 * F(v) = sum_k (n_k / n) |v - d_k|, which the median makes smallest, has changed by less than `tolerance` F(v). The default of
 * two after the mean is that of their experiments (`niter=2` in experiments/main): three means a round.
 *
 * So much is true of the median itself. An update at a distance far beyond all others draws the mean with it, and an iteration
 * takes back no more than all but that update's share of the weight: raise `iterations` where updates may be of any size,
 * or clip them first.
 */
export const geometricMedian = defineStrategy({
  name: 'geometric-median',
  options: {
    type: 'object',
    description: "The geometric median of the clients' updates (Pillutla, Kakade and Harchaoui 2022).",
    additionalProperties: false,
    properties: {
      iterations: {
        type: 'integer',
        minimum: 1,
        maximum: 1000,
        default: 2,
        description: 'Most Weiszfeld steps a round, after the mean.',
      },
      smoothing: { type: 'number', exclusiveMinimum: 0, default: 1e-6, description: 'Smallest distance that counts.' },
      tolerance: {
        type: 'number',
        minimum: 0,
        default: 1e-6,
        description: 'Change of the mean distance, as a share of it, below which no further step is made; 0: never.',
      },
    },
  },
  create: ({ iterations, smoothing, tolerance }) => ({
    robustness: {
      rule: "attackers of less than half of a round's weight",
      bears: ({ weight }) => weight < 0.5,
    },
    weights: 'examples',
    aggregate({ global, updates }) {
      const all = [...updates];
      const deltas = all.map(({ delta }) => delta);
      const weights = all.map((update) => updates.weightOf(update));
      const objectiveOf = (distances: Float64Array): number =>
        weights.reduce((sum, weight, k) => sum + weight * (distances[k] ?? 0), 0);

      let { mean: median, distances } = p.meanWithDistances(deltas, weights);
      let objective = objectiveOf(distances);
      for (let i = 0; i < iterations; i++) {
        const before = objective;
        const shares = weights.map((weight, k) => weight / Math.max(smoothing, distances[k] ?? 0));
        ({ mean: median, distances } = p.meanWithDistances(deltas, shares));
        objective = objectiveOf(distances);
        if (Math.abs(before - objective) < tolerance * objective) break;
      }
      return { global: p.add(global, median) };
    },
  }),
});
