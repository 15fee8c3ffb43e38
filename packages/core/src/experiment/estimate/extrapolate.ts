import type { ArmPlan } from '../arms/plan-arms.js';
import { localWork, stepsOfWork, stepsPerEpoch } from '../clients/local-work.js';

/** What was measured of an arm. */
export interface Measured {
  /** Of one local step, while every worker takes one. */
  readonly secondsPerStep: number;
  /** Of one model on the test and validation sets where as many models as workers are evaluated at once, each its share. */
  readonly secondsPerEvaluation: number;
}

export interface MeasuredArm extends Measured {
  readonly plan: ArmPlan;
}

export interface Extrapolation {
  readonly arms: readonly MeasuredArm[];
  /** Training examples of each client. */
  readonly sizes: readonly number[];
  /** Clients of a round. */
  readonly cohort: number;
  readonly evaluateEvery: number;
  readonly workers: number;
}

/**
 * Seconds of a whole run. Arms share the workers: it is as long as all work divided by the workers, or as the longest chain
 * of jobs that wait for each other: a centralized arm's epochs, or, of each round, the largest client or as many typical
 * ones as a worker takes one after the other.
 */
export function extrapolate({ arms, sizes, cohort, evaluateEvery, workers }: Extrapolation): number {
  const largest = Math.max(...sizes);
  const costs = arms.map(({ plan, secondsPerStep, secondsPerEvaluation }) => {
    const evaluations = Math.ceil(plan.steps / evaluateEvery) * (plan.use === 'local-only' ? sizes.length : 1);
    const clients = plan.use === 'local-only' ? sizes.length : cohort;
    const typical = plan.localSteps / (plan.steps * clients);
    const ofLargest = stepsOfWork(localWork(plan.client), stepsPerEpoch(plan.client, largest));
    const round = Math.max(ofLargest, Math.ceil(clients / workers) * typical);
    const chained = plan.use === 'centralized' ? plan.localSteps : plan.steps * round;
    return {
      work: (plan.localSteps * secondsPerStep) / workers + evaluations * secondsPerEvaluation,
      chain: chained * secondsPerStep,
    };
  });
  const work = costs.reduce((total, cost) => total + cost.work, 0);
  return Math.max(work, ...costs.map(({ chain }) => chain));
}
