import type { ExpectationResult, FigureAt } from '@fedx/core/host';
import { formatMetric } from './figures.js';

type Named = Pick<ExpectationResult, 'arm' | 'metric' | 'at'>;

/** Which figure an expectation is about, e.g. `federated test/accuracy`, or `federated rounds to test/accuracy 0.97`. */
export function renderFigureName({ arm, metric, at }: Named): string {
  if (at === 'last') return `${arm} ${metric}`;
  if (at === 'best') return `${arm} best ${metric}`;
  if (typeof at === 'number') return `${arm} ${metric} in step ${at}`;
  return 'roundsTo' in at
    ? `${arm} rounds to ${metric} ${at.roundsTo}`
    : `${arm} ${metric} over the last ${at.meanOfLast}`;
}

/** A figure: rounds with one decimal, metrics with four; a dash where there is none. */
export function formatFigure(value: number | undefined, at: FigureAt): string {
  return value !== undefined && typeof at === 'object' && 'roundsTo' in at ? value.toFixed(1) : formatMetric(value);
}

/**
 * An expectation with what came of it, without the mark, e.g. `federated test/accuracy 0.8550 within 0.84 … 0.87
 * (published 0.855, Lee et al. 2023)`.
 */
export function renderOutcome(expectation: ExpectationResult): string {
  const { value, notReachedIn, within, pass, at, published, source = '' } = expectation;
  const reached = notReachedIn === undefined ? formatFigure(value, at) : `not reached in ${notReachedIn},`;
  const others = published === undefined ? '' : ` (published ${published}, ${source})`;
  return `${renderFigureName(expectation)} ${reached} ${pass ? 'within' : 'not within'} ${within.join(' … ')}${others}`;
}
