import type { MissingSummary } from '@fedx/core/host';

/** MLflow's page that lays the accuracy of some runs over each other; `latest` says which. */
export function comparisonUrl(server: string, { experimentId, runs }: NonNullable<MissingSummary['latest']>): string {
  const query = Object.entries({
    runs: JSON.stringify(runs),
    metric: JSON.stringify('test/accuracy'),
    experiments: JSON.stringify([experimentId]),
    plot_metric_keys: JSON.stringify(['test/accuracy']),
    x_axis: 'step',
  }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${server}/#/metric?${query.join('&')}`;
}
