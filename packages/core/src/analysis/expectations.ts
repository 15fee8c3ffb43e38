import type { ArmSummary, ExpectationResult } from '../runs/index.js';
import type { ExpectSpec } from '../spec/index.js';
import { type Figure, figureOf, type MeasuredStep } from './figure.js';

/** A step of one of a run's arms. */
export type ArmStep = MeasuredStep & { readonly arm: string };

/**
 * Holds what the spec of a run expects against what its arms reached, in the spec's order. An expectation is missed
 * where the arm or the metric does not exist, where the arm did not complete or did not reach the target, and where the
 * value is NaN. `steps` are those of all arms, in their order, and
 * `lowerMetrics` the spec's metrics that are the better the lower they are.
 */
export function evaluateExpectations(
  run: string,
  expectations: readonly ExpectSpec[],
  arms: readonly ArmSummary[],
  steps: readonly ArmStep[],
  lowerMetrics: readonly string[] = [],
): ExpectationResult[] {
  return expectations.map((expectation) => {
    const { arm, at, metric, within } = expectation;
    const completed = arms.find((summary) => summary.arm === arm && summary.status === 'completed');
    const own = steps.filter((step) => step.arm === arm);
    const figure: Figure = completed === undefined ? {} : figureOf(completed, own, metric, at, lowerMetrics);
    const [low, high] = within;
    const { value } = figure;
    return { run, ...expectation, ...figure, pass: value !== undefined && low <= value && value <= high };
  });
}
