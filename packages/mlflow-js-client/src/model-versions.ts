import type { Api } from './api.js';
import type { CallOptions } from './http.js';
import { MlflowError } from './mlflow-error.js';
import { readPages } from './paging.js';
import {
  keyValues,
  list,
  object,
  optionalInteger,
  optionalText,
  present,
  text,
  toKeyValues,
  type Wire,
} from './wire.js';

/** A version of a registered model. */
export interface ModelVersion {
  readonly name: string;
  /** `1`, `2`, … */
  readonly version: string;
  readonly description?: string;
  /** Where its files lie, e.g. `runs:/<run>/model` or `models:/<logged model>`. */
  readonly source: string;
  readonly runId?: string;
  /** The LoggedModel that it was made from; MLflow 3. */
  readonly modelId?: string;
  /** `READY`, `PENDING_REGISTRATION` or `FAILED_REGISTRATION`. */
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly creationTime?: number;
  readonly lastUpdateTime?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
}

export interface NewModelVersion extends CallOptions {
  /** The registered model, which must exist. */
  readonly name: string;
  readonly source: string;
  readonly runId?: string;
  readonly modelId?: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Of registered models or of their versions. */
export interface ModelSearch extends CallOptions {
  /** MLflow's search syntax, e.g. `name LIKE 'mnist%'`. */
  readonly filter?: string;
  readonly orderBy?: readonly string[];
  /** Default 100. */
  readonly pageSize?: number;
}

export interface ModelVersions {
  /** Two such calls make two versions: it is tried again only where the server surely made none. */
  create(version: NewModelVersion): Promise<ModelVersion>;
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  get(name: string, version: string, options?: CallOptions): Promise<ModelVersion>;
  /** E.g. with filter `name = 'mnist'`. */
  search(search?: ModelSearch): AsyncGenerator<ModelVersion, void, undefined>;
  update(name: string, version: string, description: string, options?: CallOptions): Promise<void>;
  delete(name: string, version: string, options?: CallOptions): Promise<void>;
  setTag(name: string, version: string, key: string, value: string, options?: CallOptions): Promise<void>;
  deleteTag(name: string, version: string, key: string, options?: CallOptions): Promise<void>;
  /**
   * The version with the highest number, of those in a stage (MLflow's older way to mark versions) where one is named.
   * Throws RESOURCE_DOES_NOT_EXIST where there is none.
   */
  latest(name: string, options?: CallOptions & { readonly stage?: string }): Promise<ModelVersion>;
  /** Where the files can be had from. */
  downloadUri(name: string, version: string, options?: CallOptions): Promise<string>;
}

const root = '/mlflow/model-versions';

export function createModelVersions(api: Api): ModelVersions {
  const change = async (
    method: 'POST' | 'PATCH' | 'DELETE',
    action: string,
    body: object,
    options: CallOptions & { readonly doneWhen?: string } = {},
  ): Promise<void> => {
    await api({ method, path: `${root}/${action}`, body, repeatable: true, ...options });
  };
  return {
    async create({ description, modelId, name, runId, signal, source, tags = {} }) {
      const body = present({ name, source, run_id: runId, model_id: modelId, description, tags: toKeyValues(tags) });
      const answer = await api({ method: 'POST', path: `${root}/create`, body, repeatable: false, signal });
      return toModelVersion(object(answer, 'model_version'));
    },
    async get(name, version, options) {
      const query = { name, version };
      const answer = await api({ method: 'GET', path: `${root}/get`, query, repeatable: true, ...options });
      return toModelVersion(object(answer, 'model_version'));
    },
    search: ({ filter, orderBy, pageSize = 100, signal } = {}) =>
      readPages(
        (token) =>
          api({
            method: 'GET',
            path: `${root}/search`,
            query: present({ filter, order_by: orderBy, max_results: pageSize, page_token: token }),
            repeatable: true,
            signal,
          }),
        (page) => list(page, 'model_versions').map(toModelVersion),
      ),
    update: (name, version, description, options) => change('PATCH', 'update', { name, version, description }, options),
    delete: (name, version, options) =>
      change('DELETE', 'delete', { name, version }, { ...options, doneWhen: 'RESOURCE_DOES_NOT_EXIST' }),
    setTag: (name, version, key, value, options) => change('POST', 'set-tag', { name, version, key, value }, options),
    deleteTag: (name, version, key, options) => change('DELETE', 'delete-tag', { name, version, key }, options),
    async latest(name, { signal, stage } = {}) {
      // A version for each stage that has any.
      const path = '/mlflow/registered-models/get-latest-versions';
      const body = present({ name, stages: stage === undefined ? undefined : [stage] });
      const answer = await api({ method: 'POST', path, body, repeatable: true, signal });
      const [newest] = list(answer, 'model_versions')
        .map(toModelVersion)
        .sort((a, b) => Number(b.version) - Number(a.version));
      if (newest !== undefined) return newest;
      const where = stage === undefined ? '' : ` in stage ${stage}`;
      throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `The registered model ${name} has no version${where}.`);
    },
    async downloadUri(name, version, options) {
      const query = { name, version };
      const path = `${root}/get-download-uri`;
      return text(await api({ method: 'GET', path, query, repeatable: true, ...options }), 'artifact_uri');
    },
  };
}

export function toModelVersion(wire: Wire): ModelVersion {
  const aliases = wire['aliases'];
  return present({
    name: text(wire, 'name'),
    version: text(wire, 'version'),
    description: optionalText(wire, 'description'),
    source: optionalText(wire, 'source') ?? '',
    runId: optionalText(wire, 'run_id'),
    modelId: optionalText(wire, 'model_id'),
    status: optionalText(wire, 'status') ?? 'READY',
    creationTime: optionalInteger(wire, 'creation_timestamp'),
    lastUpdateTime: optionalInteger(wire, 'last_updated_timestamp'),
    tags: keyValues(wire, 'tags'),
    aliases: Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [],
  });
}
