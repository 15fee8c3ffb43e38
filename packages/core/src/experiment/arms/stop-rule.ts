import { FedxError } from '../../errors/index.js';
import { suggest } from '../../names/index.js';
import { lowerIsBetter, type Metrics } from '../../runs/index.js';
import type { StopSpec } from '../../spec/index.js';

/** Takes the metrics of each step that was evaluated, in their order; true where the arm ends with it. */
export type StopRule = (metrics: Metrics) => boolean;

/**
 * Ends an arm where the metric reaches `at`, or has not become better in `patience` evaluations in a row. What is better
 * follows from the metric: a loss is the lower the better, and so is what `lowerMetrics` names of the spec's metrics. `before`
 * are the evaluations that an arm goes on after.
 * The rule throws FEDX_METRIC_MISSING where an evaluation has no such metric.
 */
export function createStopRule(
  { metric, at, patience }: StopSpec,
  before: readonly Metrics[],
  lowerMetrics: readonly string[] = [],
): StopRule {
  const sign = lowerIsBetter(metric, lowerMetrics) ? -1 : 1;
  let best = Number.NEGATIVE_INFINITY;
  let sinceBest = 0;
  const rule: StopRule = (metrics) => {
    const value = metrics[metric];
    if (value === undefined) throw missing(metric, metrics);
    if (sign * value > best) {
      best = sign * value;
      sinceBest = 0;
    } else sinceBest += 1;
    return (at !== undefined && sign * value >= sign * at) || (patience !== undefined && sinceBest >= patience);
  };
  before.forEach(rule);
  return rule;
}

function missing(metric: string, metrics: Metrics): FedxError {
  const known = Object.keys(metrics);
  return new FedxError('FEDX_METRIC_MISSING', `server.stop asks for the metric ${metric}, which no evaluation has.`, {
    hint: suggest(metric, known, 'Metrics here'),
  });
}
