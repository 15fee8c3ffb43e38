import type { Api } from './api.js';
import type { CallOptions } from './http.js';
import { type ModelSearch, type ModelVersion, toModelVersion } from './model-versions.js';
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

export interface RegisteredModel {
  readonly name: string;
  readonly description?: string;
  /** Milliseconds since the epoch. */
  readonly creationTime?: number;
  readonly lastUpdateTime?: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Version by alias. */
  readonly aliases: Readonly<Record<string, string>>;
}

export interface NewRegisteredModel extends CallOptions {
  readonly name: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RegisteredModels {
  /** Throws RESOURCE_ALREADY_EXISTS. */
  create(model: NewRegisteredModel): Promise<RegisteredModel>;
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  get(name: string, options?: CallOptions): Promise<RegisteredModel>;
  search(search?: ModelSearch): AsyncGenerator<RegisteredModel, void, undefined>;
  update(name: string, description: string, options?: CallOptions): Promise<void>;
  rename(name: string, newName: string, options?: CallOptions): Promise<void>;
  delete(name: string, options?: CallOptions): Promise<void>;
  setTag(name: string, key: string, value: string, options?: CallOptions): Promise<void>;
  deleteTag(name: string, key: string, options?: CallOptions): Promise<void>;
  setAlias(name: string, alias: string, version: string, options?: CallOptions): Promise<void>;
  deleteAlias(name: string, alias: string, options?: CallOptions): Promise<void>;
  /** Throws RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE where there is no such alias. */
  getByAlias(name: string, alias: string, options?: CallOptions): Promise<ModelVersion>;
}

const root = '/mlflow/registered-models';

export function createRegisteredModels(api: Api): RegisteredModels {
  const change = async (
    method: 'POST' | 'PATCH' | 'DELETE',
    action: string,
    body: object,
    options: CallOptions & { readonly doneWhen?: string } = {},
  ): Promise<void> => {
    await api({ method, path: `${root}/${action}`, body, repeatable: true, ...options });
  };
  return {
    async create({ description, name, signal, tags = {} }) {
      const body = present({ name, description, tags: toKeyValues(tags) });
      const answer = await api({ method: 'POST', path: `${root}/create`, body, repeatable: false, signal });
      return toRegisteredModel(object(answer, 'registered_model'));
    },
    async get(name, options) {
      const answer = await api({ method: 'GET', path: `${root}/get`, query: { name }, repeatable: true, ...options });
      return toRegisteredModel(object(answer, 'registered_model'));
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
        (page) => list(page, 'registered_models').map(toRegisteredModel),
      ),
    update: (name, description, options) => change('PATCH', 'update', { name, description }, options),
    // After a first rename whose answer was lost, the old name does not exist.
    rename: (name, newName, options) =>
      change('POST', 'rename', { name, new_name: newName }, { ...options, doneWhen: 'RESOURCE_DOES_NOT_EXIST' }),
    delete: (name, options) =>
      change('DELETE', 'delete', { name }, { ...options, doneWhen: 'RESOURCE_DOES_NOT_EXIST' }),
    setTag: (name, key, value, options) => change('POST', 'set-tag', { name, key, value }, options),
    deleteTag: (name, key, options) => change('DELETE', 'delete-tag', { name, key }, options),
    setAlias: (name, alias, version, options) => change('POST', 'alias', { name, alias, version }, options),
    deleteAlias: (name, alias, options) => change('DELETE', 'alias', { name, alias }, options),
    async getByAlias(name, alias, options) {
      const query = { name, alias };
      const answer = await api({ method: 'GET', path: `${root}/alias`, query, repeatable: true, ...options });
      return toModelVersion(object(answer, 'model_version'));
    },
  };
}

function toRegisteredModel(wire: Wire): RegisteredModel {
  return present({
    name: text(wire, 'name'),
    description: optionalText(wire, 'description'),
    creationTime: optionalInteger(wire, 'creation_timestamp'),
    lastUpdateTime: optionalInteger(wire, 'last_updated_timestamp'),
    tags: keyValues(wire, 'tags'),
    aliases: Object.fromEntries(list(wire, 'aliases').map((alias) => [text(alias, 'alias'), text(alias, 'version')])),
  });
}
