import { overridesText, type PointPlace } from '@fedx/core/host';
import { formatDuration, formatEstimate, formatMetric } from './figures.js';
import type { Paint } from './paint.js';
import { headlineAccuracy, type Progress } from './progress.js';

/** Which point of a sweep runs, e.g. `point 3/12  strategy.mu=0.01 seed=2`. */
export function renderPlace({ number, of, overrides }: PointPlace): string {
  const width = String(of).length;
  return [`point ${String(number).padStart(width)}/${of}`, overridesText(overrides)].filter(Boolean).join('  ');
}

/** The first line of the live view of a sweep; `seconds` is how long its earlier points took, `points` how many those are. */
export function renderSweep(
  place: PointPlace,
  { points, seconds }: { readonly points: number; readonly seconds: number },
  paint: Paint,
): string {
  const left = (seconds / points) * (place.of - place.number + 1);
  return `${paint('cyan', renderPlace(place))}${points === 0 ? '' : paint('dim', `  ETA of the sweep ${formatEstimate(left)}`)}`;
}

/** How a point ended: its arms' accuracies and how long it took. */
export function renderPointEnd(place: PointPlace, progress: Progress, seconds: number): string {
  const arms = progress.map(({ arm, metrics }) => `${arm} ${formatMetric(headlineAccuracy(metrics))}`);
  return [renderPlace(place), ...arms, formatDuration(seconds)].join('  ');
}
