import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * Robust federated aggregation by the geometric median (Pillutla, Kakade and Harchaoui 2022, arXiv 1912.13445, algorithm
 * 2): smoothed Weiszfeld iterations. Bears attackers of less than half of the weight.
 *
 *     b_k = (n_k / n) / max(smoothing, |v - d_k|);   v = sum_k b_k d_k / sum_k b_k
 *
 * As in the authors' code (github.com/krishnap25/RFA, `geometric_median_update`), iterations end early where
 * F(v) = sum_k (n_k / n) |v - d_k|, which the median makes smallest, has changed by less than `tolerance` F(v).
 *
 * That code starts at the mean, which attackers draw as far as they like, and an iteration takes back no more than all but their
 * share of the weight: with 40 of 100 updates of 100 times the others' norm, four iterations end 10 of these norms from the
 * median. Here the start is an iteration from v = 0, the model that the round began from, with the median of the norms |d_k| as
 * its smoothing: none draws it further than twice its share of the weight times that median, and none of norm 0 holds it there.
 * Of the same updates two iterations then end at most 0.2 norms from the median.
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
        description: 'Most Weiszfeld steps a round, after the start.',
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
      const sharesOf = (distances: ArrayLike<number>, smallest: number): readonly number[] =>
        weights.map((weight, k) => weight / Math.max(smallest, distances[k] ?? 0));

      const norms = all.map(({ norm }) => norm);
      const start = sharesOf(norms, Math.max(smoothing, weightedMedian(norms, weights)));
      let { mean: median, distances } = p.meanWithDistances(deltas, start);
      let objective = objectiveOf(distances);
      for (let i = 0; i < iterations; i++) {
        const before = objective;
        ({ mean: median, distances } = p.meanWithDistances(deltas, sharesOf(distances, smoothing)));
        objective = objectiveOf(distances);
        if (Math.abs(before - objective) < tolerance * objective) break;
      }
      return { global: p.add(global, median) };
    },
  }),
});

/** The smallest value at which half of the weight is reached. */
function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  let left = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  const middle = order.find((k) => (left -= weights[k] ?? 0) <= 0);
  return values[middle ?? 0] ?? 0;
}
