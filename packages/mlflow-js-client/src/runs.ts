import type { Api } from './api.js';
import type { ViewType } from './experiments.js';
import type { CallOptions } from './http.js';
import { type Batch, splitBatch } from './log-batch.js';
import { readPages } from './paging.js';
import { type DatasetInput, fromDatasetInput, type ModelOutput, type Run, type RunStatus, toRun } from './run.js';
import { tagEquals } from './search-filter.js';
import { list, object, present, toKeyValues } from './wire.js';

export interface NewRun extends CallOptions {
  readonly experimentId: string;
  /** Default: one that the server makes up. */
  readonly name?: string;
  /** Milliseconds since the epoch; default: now. */
  readonly startTime?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** The run that this one is shown under. */
  readonly parentRunId?: string;
}

export interface RunChange extends CallOptions {
  readonly status?: RunStatus;
  /** Milliseconds since the epoch. */
  readonly endTime?: number;
  readonly name?: string;
}

export interface RunSearch extends CallOptions {
  readonly experimentIds: readonly string[];
  /** MLflow's search syntax, e.g. `metrics.accuracy > 0.9 and params.model = 'mlp'`; {@link tagEquals} quotes. */
  readonly filter?: string;
  /** E.g. `['metrics.accuracy DESC']`; default: newest first. */
  readonly orderBy?: readonly string[];
  readonly viewType?: ViewType;
  /** Runs a page, at most 50,000; default 1000. */
  readonly pageSize?: number;
}

export interface Runs {
  /**
   * Starts a run. Two such calls make two runs: it is tried again only where the server surely made none. Where an
   * error says `mayHaveHappened`, give the run a tag of your own and search for it before making another.
   */
  create(run: NewRun): Promise<Run>;
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  get(runId: string, options?: CallOptions): Promise<Run>;
  update(runId: string, change: RunChange): Promise<void>;
  search(search: RunSearch): AsyncGenerator<Run, void, undefined>;
  /** The runs below a run. */
  children(parent: Pick<Run, 'runId' | 'experimentId'>, options?: CallOptions): AsyncGenerator<Run, void, undefined>;
  delete(runId: string, options?: CallOptions): Promise<void>;
  restore(runId: string, options?: CallOptions): Promise<void>;
  setTag(runId: string, key: string, value: string, options?: CallOptions): Promise<void>;
  deleteTag(runId: string, key: string, options?: CallOptions): Promise<void>;
  /**
   * Logs metrics, params and tags, in as many requests as they take, one after the other. Params and tags are tried
   * again after any passing failure. Metrics append, and a store may keep a point twice: requests that hold some are
   * tried again only where the server surely took nothing, unless `repeatMetrics` says that doubled points are better
   * than missing ones. Throws CLIENT_INVALID_ARGUMENT (see {@link splitBatch}) before anything is sent.
   */
  logBatch(runId: string, batch: Batch, options?: CallOptions & { readonly repeatMetrics?: boolean }): Promise<void>;
  /** Notes datasets that the run reads, and models that it uses (by id; MLflow 3). */
  logInputs(
    runId: string,
    inputs: { readonly datasets?: readonly DatasetInput[]; readonly models?: readonly string[] },
    options?: CallOptions,
  ): Promise<void>;
  /**
   * Notes models that the run made; MLflow 3. SQL stores refuse one that is noted already, so it is tried again only where
   * the server surely took nothing. Throws ENDPOINT_NOT_FOUND on older servers.
   */
  logOutputs(runId: string, models: readonly ModelOutput[], options?: CallOptions): Promise<void>;
}

/** The tag that makes a run the child of another. */
const parentTag = 'mlflow.parentRunId';

export function createRuns(api: Api): Runs {
  const change =
    (path: string, doneWhen?: string) =>
    async (body: object, options?: CallOptions): Promise<void> => {
      await api({
        method: 'POST',
        path,
        body,
        repeatable: true,
        ...(doneWhen === undefined ? {} : { doneWhen }),
        ...options,
      });
    };
  const update = change('/mlflow/runs/update');
  const remove = change('/mlflow/runs/delete');
  const restore = change('/mlflow/runs/restore');
  const setTag = change('/mlflow/runs/set-tag');
  const deleteTag = change('/mlflow/runs/delete-tag', 'RESOURCE_DOES_NOT_EXIST');
  const logInputs = change('/mlflow/runs/log-inputs');

  const search: Runs['search'] = ({ experimentIds, filter, orderBy, pageSize = 1000, signal, viewType }) =>
    readPages(
      (token) =>
        api({
          method: 'POST',
          path: '/mlflow/runs/search',
          body: present({
            experiment_ids: experimentIds,
            filter,
            order_by: orderBy,
            run_view_type: viewType,
            max_results: pageSize,
            page_token: token,
          }),
          repeatable: true,
          signal,
        }),
      (page) => list(page, 'runs').map(toRun),
    );

  return {
    async create({ experimentId, name, parentRunId, signal, startTime = Date.now(), tags = {} }) {
      const allTags = parentRunId === undefined ? tags : { ...tags, [parentTag]: parentRunId };
      const body = present({
        experiment_id: experimentId,
        run_name: name,
        start_time: startTime,
        tags: toKeyValues(allTags),
      });
      const answer = await api({ method: 'POST', path: '/mlflow/runs/create', body, repeatable: false, signal });
      return toRun(object(answer, 'run'));
    },
    async get(runId, options) {
      const query = { run_id: runId };
      const answer = await api({ method: 'GET', path: '/mlflow/runs/get', query, repeatable: true, ...options });
      return toRun(object(answer, 'run'));
    },
    update: (runId, { endTime, name, signal, status }) =>
      update(present({ run_id: runId, status, end_time: endTime, run_name: name }), { signal }),
    search,
    children: ({ experimentId, runId }, { signal } = {}) =>
      search({ experimentIds: [experimentId], filter: tagEquals(parentTag, runId), signal }),
    delete: (runId, options) => remove({ run_id: runId }, options),
    restore: (runId, options) => restore({ run_id: runId }, options),
    setTag: (runId, key, value, options) => setTag({ run_id: runId, key, value }, options),
    deleteTag: (runId, key, options) => deleteTag({ run_id: runId, key }, options),
    async logBatch(runId, batch, { repeatMetrics = false, signal } = {}) {
      for (const part of splitBatch(batch)) {
        await api({
          method: 'POST',
          path: '/mlflow/runs/log-batch',
          body: { run_id: runId, ...part },
          repeatable: repeatMetrics || part.metrics.length === 0,
          signal,
        });
      }
    },
    logInputs: (runId, { datasets = [], models = [] }, options) =>
      logInputs(
        {
          run_id: runId,
          datasets: datasets.map(fromDatasetInput),
          ...(models.length === 0 ? {} : { models: models.map((modelId) => ({ model_id: modelId })) }),
        },
        options,
      ),
    async logOutputs(runId, models, options) {
      const body = { run_id: runId, models: models.map(({ modelId, step }) => ({ model_id: modelId, step })) };
      await api({ method: 'POST', path: '/mlflow/runs/outputs', body, repeatable: false, ...options });
    },
  };
}
