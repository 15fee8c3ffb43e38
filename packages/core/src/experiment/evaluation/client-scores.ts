import type { Metrics } from '../../runs/index.js';
import type { ChosenMetric } from './chosen-metrics.js';
import { type ClientAccuracy, figuresOver } from './metrics.js';

/** How one client's examples are met, by accuracy and by the spec's metrics. */
export interface ClientScores extends ClientAccuracy {
  /** What each metric says, in the order of the metrics; empty for a client with too few examples. */
  readonly values: readonly Readonly<Record<string, number>>[];
}

/** Figures of each metric over the clients that it says something of, each counting alike, and how many those are. */
export function figuresOfMetrics(
  prefix: string,
  metrics: readonly Pick<ChosenMetric, 'name' | 'better'>[],
  clients: readonly ClientScores[],
): Metrics {
  return Object.fromEntries(
    metrics.flatMap(({ name, better }, index) => {
      const said = clients.map(({ values }) => values[index] ?? {});
      const suffixes = new Set(said.flatMap((values) => Object.keys(values)));
      return [...suffixes].flatMap((suffix) => {
        const values = said.flatMap((one) => one[suffix] ?? []);
        const figures = { ...figuresOver(values, better), counted: values.length };
        return Object.entries(figures).map(([figure, value]) => [`${prefix}/${name}${suffix}/${figure}`, value]);
      });
    }),
  );
}
