import { defineStrategy, type Parameters, parameters as p } from '@fedx/core';
import { meanStatistics, trainedNames } from './roles.js';

/**
 * The L1 norm of how local SGD with heavy-ball momentum rho weighs its gradients over `steps` steps (Wang et al. 2020,
 * section 4.1): with rho = 0 it is the number of steps.
 *
 *     |a| = (steps - rho * (1 - rho^steps) / (1 - rho)) / (1 - rho)
 */
export function accumulation(steps: number, rho: number): number {
  return (steps - (rho * (1 - rho ** steps)) / (1 - rho)) / (1 - rho);
}

/**
 * FedNova (Wang, Liu, Liang, Joshi and Poor 2020, arXiv 2007.07481, equations 6 and 7): updates are normalised by what
 * each client's local steps add up to, so that clients that take more steps do not pull the objective.
 *
 *     d_k = (w_k - w_t) / |a_k|;   tau = sum_k n_k / n * |a_k|;   w_{t+1} = w_t + tau * sum_k n_k / n * d_k
 *
 * n_k / n are the weights of the updates, by examples unless `server.weights` says otherwise. With equal steps at all
 * clients it is `fedavg`. Local momentum is accounted for, which starts anew each round; a learning rate that changes within
 * a round is not, and is refused. Statistics are averaged only.
 */
export const fednova = defineStrategy({
  name: 'fednova',
  options: {
    type: 'object',
    description: 'Updates normalised by the local steps that a client took (Wang et al. 2020).',
    additionalProperties: false,
    properties: {},
  },
  create: (_, { optimizer: { momentum } }) => {
    const rho = typeof momentum === 'number' ? momentum : 0;
    return {
      requires: ['sgd-momentum', 'rate-by-round'],
      weights: 'examples',
      aggregate({ global, updates, parameters }) {
        const everyone = [...updates];
        const weights = everyone.map(updates.weightOf);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const tau = everyone.reduce(
          (sum, { steps }, k) => sum + ((weights[k] ?? 0) / total) * accumulation(steps, rho),
          0,
        );
        // sum_k p_k / |a_k| * delta_k is the mean with weights p_k / |a_k|, times their sum.
        const trained = trainedNames(parameters);
        const mean = updates.mean(
          ({ delta }) => p.pick(delta, trained),
          (update) => updates.weightOf(update) / accumulation(update.steps, rho),
        );
        const inverse = everyone.reduce(
          (sum, { steps }, k) => sum + (weights[k] ?? 0) / total / accumulation(steps, rho),
          0,
        );
        const step: Parameters = { ...meanStatistics(updates, parameters), ...p.scale(mean, tau * inverse) };
        return { global: p.add(global, step), log: { 'effective-steps': tau } };
      },
    };
  },
});
