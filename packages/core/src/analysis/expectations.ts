import type { ArmSummary, ExpectationResult } from '../runs/index.js';
import type { ExpectSpec } from '../spec/index.js';

/**
 * Holds what the spec expects against what the arms reached, in the spec's order. An expectation about an arm of which
 * there are several summaries (a sweep) has one result for each. It is missed where the arm or the metric does not
 * exist, where the arm did not complete, and where the value is NaN.
 */
export function evaluateExpectations(
  expectations: readonly ExpectSpec[],
  arms: readonly ArmSummary[],
): ExpectationResult[] {
  return expectations.flatMap((expectation) => {
    const completed = arms.filter(({ arm, status }) => arm === expectation.arm && status === 'completed');
    if (completed.length === 0) return [evaluate(expectation, undefined)];
    return completed.map(({ metrics }) => evaluate(expectation, metrics[expectation.metric]?.[expectation.at]));
  });
}

function evaluate({ metric, arm, within }: ExpectSpec, value: number | undefined): ExpectationResult {
  const [low, high] = within;
  if (value === undefined) return { metric, arm, within, pass: false };
  return { metric, arm, value, within, pass: low <= value && value <= high };
}
