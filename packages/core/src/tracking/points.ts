import type { Metric, MetricPoint } from 'mlflow-js-client';
import type { JournalEntry } from '../runs/index.js';

/** The metric points of a journal entry: one for each key, with the entry's step and time. */
export function pointsOf(entry: Extract<JournalEntry, { type: 'step-completed' }>): Metric[] {
  const { metrics, step, time } = entry;
  return Object.entries(metrics).map(([key, value]) => ({ key, value, step, timestamp: time }));
}

/**
 * What a point is, within its run and key. An infinity counts as the largest finite number, which is what SQL stores
 * make of it; minus zero counts as zero.
 */
export function pointIdentity({ step, timestamp, value }: MetricPoint): string {
  const kept = Number.isNaN(value) ? value : Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  return `${step} ${timestamp} ${kept}`;
}

/** Points of one key, each with how often it is there. */
export type PointCounts = Map<string, number>;

export async function countPoints(points: Iterable<MetricPoint> | AsyncIterable<MetricPoint>): Promise<PointCounts> {
  const counts: PointCounts = new Map();
  for await (const point of points) {
    const identity = pointIdentity(point);
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  return counts;
}
