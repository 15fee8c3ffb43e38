import type { Metrics } from '../runs/index.js';
import type { Trained } from './local-training.js';
import { metricKeys } from './metrics.js';

/** Counts what an arm has done since its start. Takes what was trained in one step; returns the step's metrics of it. */
export function createProgress(): (trained: readonly Omit<Trained, 'parameters'>[]) => Metrics {
  const total = { examples: 0, localSteps: 0 };
  return (trained) => {
    const step = { lossSum: 0, examples: 0 };
    for (const { lossSum, examplesSeen, steps } of trained) {
      step.lossSum += lossSum;
      step.examples += examplesSeen;
      total.localSteps += steps;
    }
    total.examples += step.examples;
    return {
      [metricKeys.localLoss]: step.lossSum / step.examples,
      [metricKeys.examples]: total.examples,
      [metricKeys.localSteps]: total.localSteps,
    };
  };
}
