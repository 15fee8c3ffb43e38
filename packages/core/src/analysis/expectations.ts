import type { ArmSummary, ExpectationResult } from '../runs/index.js';
import type { ExpectSpec } from '../spec/index.js';

/**
 * Holds what the spec of a run expects against what its arms reached, in the spec's order. An expectation is missed
 * where the arm or the metric does not exist, where the arm did not complete, and where the value is NaN.
 */
export function evaluateExpectations(
  run: string,
  expectations: readonly ExpectSpec[],
  arms: readonly ArmSummary[],
): ExpectationResult[] {
  return expectations.map(({ arm, at, metric, within }) => {
    const completed = arms.find((summary) => summary.arm === arm && summary.status === 'completed');
    const value = completed?.metrics[metric]?.[at];
    const [low, high] = within;
    if (value === undefined) return { run, metric, arm, at, within, pass: false };
    return { run, metric, arm, at, value, within, pass: low <= value && value <= high };
  });
}
