import type { Api } from './api.js';
import type { CallOptions } from './http.js';
import { readPages } from './paging.js';
import { type MetricPoint, toMetricPoint } from './run.js';
import { list, present } from './wire.js';

export interface HistoryOptions extends CallOptions {
  /** Points a page, at most 25,000; default 10,000. Stores without paging send all at once. */
  readonly pageSize?: number;
}

export interface Metrics {
  /**
   * All points of a metric, in the server's order (SQL stores: by time, then step). None where the run has no such
   * metric. Throws RESOURCE_DOES_NOT_EXIST where there is no such run.
   */
  history(runId: string, key: string, options?: HistoryOptions): AsyncGenerator<MetricPoint, void, undefined>;
}

export function createMetrics(api: Api): Metrics {
  return {
    history: (runId, key, { pageSize = 10_000, signal } = {}) =>
      readPages(
        (token) =>
          api({
            method: 'GET',
            path: '/mlflow/metrics/get-history',
            query: present({ run_id: runId, metric_key: key, max_results: pageSize, page_token: token }),
            repeatable: true,
            signal,
          }),
        (page) => list(page, 'metrics').map(toMetricPoint),
      ),
  };
}
