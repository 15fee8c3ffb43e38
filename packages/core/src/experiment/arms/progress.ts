import type { Metrics } from '../../runs/index.js';
import type { Effort } from '../clients/federated-client.js';
import { metricKeys } from '../evaluation/metrics.js';

/** What an arm has done since its start. */
export interface ProgressTotals {
  readonly examples: number;
  readonly localSteps: number;
}

/** Counts what an arm does. */
export interface Progress {
  /** Takes what was trained in one step; returns the step's metrics of it. */
  count(trained: readonly Effort[]): Metrics;
  totals(): ProgressTotals;
}

/** Goes on from `before`. */
export function createProgress(before: ProgressTotals = { examples: 0, localSteps: 0 }): Progress {
  const total = { ...before };
  return {
    count(trained) {
      const step = { lossSum: 0, examples: 0 };
      for (const { lossSum, examplesSeen, steps } of trained) {
        step.lossSum += lossSum;
        step.examples += examplesSeen;
        total.localSteps += steps;
      }
      total.examples += step.examples;
      return {
        ...(step.examples > 0 && { [metricKeys.localLoss]: step.lossSum / step.examples }),
        [metricKeys.examples]: total.examples,
        [metricKeys.localSteps]: total.localSteps,
      };
    },
    totals: () => ({ ...total }),
  };
}
