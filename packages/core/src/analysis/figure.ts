import { type ArmSummary, lowerIsBetter, type Metrics } from '../runs/index.js';
import type { FigureAt } from '../spec/index.js';

/** A step of an arm with what was measured in it. */
export interface MeasuredStep {
  readonly step: number;
  readonly metrics: Metrics;
}

/** A figure that is the value of one step: the last, the best, or that of a number. */
export type FigureOfStep = Exclude<FigureAt, object>;

/** A figure of a metric. Neither key is there where the arm has no such metric. */
export interface Figure {
  readonly value?: number;
  /** The arm ended after so many rounds without reaching the target: the value is larger, and not known. */
  readonly notReachedIn?: number;
}

/** The figure of a metric that `at` means, of an arm and its steps in their order; `lowerMetrics` as {@link lowerIsBetter} has them. */
export function figureOf(
  { metrics }: Pick<ArmSummary, 'metrics'>,
  steps: readonly MeasuredStep[],
  metric: string,
  at: FigureAt,
  lowerMetrics: readonly string[] = [],
): Figure {
  if (at === 'last' || at === 'best') return figure(metrics[metric]?.[at]);
  const curve = steps.flatMap(({ step, metrics: measured }) => {
    const value = measured[metric];
    return value === undefined ? [] : [{ step, value }];
  });
  if (typeof at === 'number') return figure(curve.find(({ step }) => step === at)?.value);
  if ('roundsTo' in at) return roundsTo(curve, at.roundsTo, lowerIsBetter(metric, lowerMetrics));
  const last = curve.slice(-at.meanOfLast);
  // Of fewer values it would be another figure.
  return last.length < at.meanOfLast ? {} : figure(last.reduce((sum, { value }) => sum + value, 0) / last.length);
}

function figure(value: number | undefined): Figure {
  return value === undefined ? {} : { value };
}

/**
 * Rounds until a metric reaches a target, as McMahan, Moore, Ramage, Hampson and Agüera y Arcas 2017 count them
 * (arXiv 1602.05629, section 3): the curve is made monotone by taking the best value of all rounds so far, and the round in
 * which it crosses the target is interpolated linearly between the evaluations around it. Before the first evaluation
 * there is nothing to interpolate from.
 */
function roundsTo(
  curve: readonly { readonly step: number; readonly value: number }[],
  target: number,
  lower: boolean,
): Figure {
  const sign = lower ? -1 : 1;
  let before: { readonly step: number; readonly best: number } | undefined;
  for (const { step, value } of curve) {
    const best = Math.max(before?.best ?? Number.NEGATIVE_INFINITY, Number.isNaN(value) ? -Infinity : sign * value);
    if (best >= sign * target) {
      if (before === undefined || before.best === Number.NEGATIVE_INFINITY) return { value: step };
      const share = (sign * target - before.best) / (best - before.best);
      return { value: before.step + share * (step - before.step) };
    }
    before = { step, best };
  }
  return before === undefined ? {} : { notReachedIn: before.step };
}
