import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * Robust federated aggregation by the geometric median (Pillutla, Kakade and Harchaoui 2022, arXiv 1912.13445, algorithm
 * 2): smoothed Weiszfeld iterations from the mean. Bears attackers of less than half of the weight.
 *
 *     b_k = (n_k / n) / max(smoothing, |v - d_k|);   v = sum_k b_k d_k / sum_k b_k
 *
 * As in the authors' code (github.com/krishnap25/RFA, `geometric_median_update`), iterations end early where
 * F(v) = sum_k (n_k / n) |v - d_k|, which the median makes smallest, has changed by less than `tolerance` F(v).
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
        default: 4,
        description: 'Most Weiszfeld steps a round.',
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
      let shares = weights;
      let before = Number.POSITIVE_INFINITY;
      for (let i = 0; i < iterations; i++) {
        const distances = p.distancesFromMean(deltas, shares);
        const objective = weights.reduce((sum, weight, k) => sum + weight * (distances[k] ?? 0), 0);
        if (Math.abs(before - objective) < tolerance * objective) break;
        before = objective;
        shares = weights.map((weight, k) => weight / Math.max(smoothing, distances[k] ?? 0));
      }
      return { global: p.add(global, p.weightedMean(deltas, shares)) };
    },
  }),
});
