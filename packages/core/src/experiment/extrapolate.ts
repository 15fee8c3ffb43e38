import { localWork, stepsOfWork, stepsPerEpoch } from './local-work.js';
import type { ArmPlan } from './plan-arms.js';

/** What was measured of an arm. */
export interface Measured {
  /** Of one local step, while every worker takes one. */
  readonly secondsPerStep: number;
  /** Of one model on the test and validation sets, all workers at it. */
  readonly secondsPerEvaluation: number;
}

export interface MeasuredArm extends Measured {
  readonly plan: ArmPlan;
}

export interface Extrapolation {
  readonly arms: readonly MeasuredArm[];
  /** Training examples of each client. */
  readonly sizes: readonly number[];
  readonly evaluateEvery: number;
  readonly workers: number;
}

/**
 * Seconds of a whole run. Arms share the workers: it is as long as all work divided by the workers, or as the longest chain
 * of jobs that wait for each other: a centralized arm's epochs, or the largest client of each round.
 */
export function extrapolate({ arms, sizes, evaluateEvery, workers }: Extrapolation): number {
  const largest = Math.max(...sizes);
  const costs = arms.map(({ plan, secondsPerStep, secondsPerEvaluation }) => {
    const evaluations = Math.ceil(plan.steps / evaluateEvery) * (plan.use === 'local-only' ? sizes.length : 1);
    const ofLargest = stepsOfWork(localWork(plan.client), stepsPerEpoch(plan.client, largest));
    const chained = plan.use === 'centralized' ? plan.localSteps : plan.steps * ofLargest;
    return {
      work: (plan.localSteps * secondsPerStep) / workers + evaluations * secondsPerEvaluation,
      chain: chained * secondsPerStep,
    };
  });
  const work = costs.reduce((total, cost) => total + cost.work, 0);
  return Math.max(work, ...costs.map(({ chain }) => chain));
}
