import type { Api } from './api.js';
import type { CallOptions } from './http.js';
import { readPages } from './paging.js';
import {
  decodeNumber,
  keyValues,
  list,
  object,
  optionalInteger,
  optionalObject,
  optionalText,
  present,
  text,
  toKeyValues,
  type Wire,
} from './wire.js';

export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED';

/** A model as MLflow 3 keeps it: beside its run, with metrics and params of its own. */
export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  /** Where its files lie; the artifact functions take it as owner. */
  readonly artifactUri: string;
  readonly status: LoggedModelStatus;
  readonly modelType?: string;
  readonly sourceRunId?: string;
  /** Milliseconds since the epoch. */
  readonly creationTime?: number;
  readonly lastUpdateTime?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly LoggedModelMetric[];
}

/** A metric that was logged with the model's id. */
export interface LoggedModelMetric {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp?: number;
  readonly runId?: string;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

export interface NewLoggedModel extends CallOptions {
  readonly experimentId: string;
  readonly name: string;
  readonly modelType?: string;
  readonly sourceRunId?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface LoggedModelSearch extends CallOptions {
  readonly experimentIds: readonly string[];
  /** MLflow's search syntax, e.g. `tags.stage = 'final'`. */
  readonly filter?: string;
  /** Default 50. */
  readonly pageSize?: number;
}

/** LoggedModels, which MLflow has from version 3 on; older servers answer ENDPOINT_NOT_FOUND. */
export interface LoggedModels {
  /** Makes a model in status PENDING. Two such calls make two: tried again only where the server surely made none. */
  create(model: NewLoggedModel): Promise<LoggedModel>;
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  get(modelId: string, options?: CallOptions): Promise<LoggedModel>;
  /** Says that the files are all there, or never will be. */
  finalize(modelId: string, status: 'READY' | 'UPLOAD_FAILED', options?: CallOptions): Promise<LoggedModel>;
  search(search: LoggedModelSearch): AsyncGenerator<LoggedModel, void, undefined>;
  delete(modelId: string, options?: CallOptions): Promise<void>;
  setTags(modelId: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
  deleteTag(modelId: string, key: string, options?: CallOptions): Promise<void>;
  /** Throws INVALID_PARAMETER_VALUE for a param that has another value already. */
  logParams(modelId: string, params: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
}

const root = '/mlflow/logged-models';

export function createLoggedModels(api: Api): LoggedModels {
  const at = (modelId: string, rest = ''): string => `${root}/${encodeURIComponent(modelId)}${rest}`;
  return {
    async create({ experimentId, modelType, name, params = {}, signal, sourceRunId, tags = {} }) {
      const body = present({
        experiment_id: experimentId,
        name,
        model_type: modelType,
        source_run_id: sourceRunId,
        params: toKeyValues(params),
        tags: toKeyValues(tags),
      });
      return toLoggedModel(await api({ method: 'POST', path: root, body, repeatable: false, signal }));
    },
    get: async (modelId, options) =>
      toLoggedModel(await api({ method: 'GET', path: at(modelId), repeatable: true, ...options })),
    async finalize(modelId, status, options) {
      const body = { model_id: modelId, status: `LOGGED_MODEL_${status}` };
      return toLoggedModel(await api({ method: 'PATCH', path: at(modelId), body, repeatable: true, ...options }));
    },
    search: ({ experimentIds, filter, pageSize = 50, signal }) =>
      readPages(
        (token) =>
          api({
            method: 'POST',
            path: `${root}/search`,
            body: present({ experiment_ids: experimentIds, filter, max_results: pageSize, page_token: token }),
            repeatable: true,
            signal,
          }),
        (page) => list(page, 'models').map((model) => toLoggedModel({ model })),
      ),
    async delete(modelId, options) {
      const doneWhen = 'RESOURCE_DOES_NOT_EXIST';
      await api({ method: 'DELETE', path: at(modelId), repeatable: true, doneWhen, ...options });
    },
    async setTags(modelId, tags, options) {
      const body = { model_id: modelId, tags: toKeyValues(tags) };
      await api({ method: 'PATCH', path: at(modelId, '/tags'), body, repeatable: true, ...options });
    },
    async deleteTag(modelId, key, options) {
      const path = at(modelId, `/tags/${encodeURIComponent(key)}`);
      const doneWhen = 'RESOURCE_DOES_NOT_EXIST';
      await api({ method: 'DELETE', path, repeatable: true, doneWhen, ...options });
    },
    async logParams(modelId, params, options) {
      const body = { model_id: modelId, params: toKeyValues(params) };
      await api({ method: 'POST', path: at(modelId, '/params'), body, repeatable: true, ...options });
    },
  };
}

function toLoggedModel(answer: Wire): LoggedModel {
  const model = object(answer, 'model');
  const info = object(model, 'info');
  const data = optionalObject(model, 'data');
  return present({
    modelId: text(info, 'model_id'),
    experimentId: text(info, 'experiment_id'),
    name: optionalText(info, 'name') ?? '',
    artifactUri: optionalText(info, 'artifact_uri') ?? '',
    status: toStatus(info),
    modelType: optionalText(info, 'model_type'),
    sourceRunId: optionalText(info, 'source_run_id'),
    creationTime: optionalInteger(info, 'creation_timestamp_ms'),
    lastUpdateTime: optionalInteger(info, 'last_updated_timestamp_ms'),
    tags: keyValues(info, 'tags'),
    params: keyValues(data, 'params'),
    metrics: list(data, 'metrics').map((metric) =>
      present({
        key: text(metric, 'key'),
        value: decodeNumber(metric, 'value'),
        step: optionalInteger(metric, 'step') ?? 0,
        timestamp: optionalInteger(metric, 'timestamp'),
        runId: optionalText(metric, 'run_id'),
        datasetName: optionalText(metric, 'dataset_name'),
        datasetDigest: optionalText(metric, 'dataset_digest'),
      }),
    ),
  });
}

function toStatus(info: Wire): LoggedModelStatus {
  const status = optionalText(info, 'status');
  if (status === 'LOGGED_MODEL_READY') return 'READY';
  return status === 'LOGGED_MODEL_UPLOAD_FAILED' ? 'UPLOAD_FAILED' : 'PENDING';
}
