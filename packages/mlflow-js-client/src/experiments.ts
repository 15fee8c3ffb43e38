import type { Api } from './api.js';
import type { CallOptions } from './http.js';
import { isMlflowError, MlflowError } from './mlflow-error.js';
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

/** Whether something can be seen or has been deleted (it can be restored until the server's garbage collection). */
export type LifecycleStage = 'active' | 'deleted';

/** Which of both a search is for. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since the epoch. */
  readonly creationTime?: number;
  readonly lastUpdateTime?: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface NewExperiment extends CallOptions {
  /** At most 500 characters. */
  readonly name: string;
  /** Where artifacts of its runs go; default: as the server has it. */
  readonly artifactLocation?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ExperimentSearch extends CallOptions {
  /** MLflow's search syntax, e.g. `name LIKE 'mnist%'`. */
  readonly filter?: string;
  /** E.g. `['creation_time DESC']`. */
  readonly orderBy?: readonly string[];
  readonly viewType?: ViewType;
  /** Experiments a page; default 1000. */
  readonly pageSize?: number;
}

export interface Experiments {
  /** Returns the id. Throws RESOURCE_ALREADY_EXISTS where the name is taken, also by a deleted experiment. */
  create(experiment: NewExperiment): Promise<string>;
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  get(experimentId: string, options?: CallOptions): Promise<Experiment>;
  /** Undefined where there is none; deleted ones are found too. */
  getByName(name: string, options?: CallOptions): Promise<Experiment | undefined>;
  /** The experiment of this name, made where there is none. Throws INVALID_STATE where it is deleted. */
  getOrCreate(experiment: NewExperiment): Promise<Experiment>;
  search(search?: ExperimentSearch): AsyncGenerator<Experiment, void, undefined>;
  rename(experimentId: string, name: string, options?: CallOptions): Promise<void>;
  delete(experimentId: string, options?: CallOptions): Promise<void>;
  restore(experimentId: string, options?: CallOptions): Promise<void>;
  setTag(experimentId: string, key: string, value: string, options?: CallOptions): Promise<void>;
}

export function createExperiments(api: Api): Experiments {
  const create: Experiments['create'] = async ({ artifactLocation, name, signal, tags = {} }) => {
    const body = present({ name, artifact_location: artifactLocation, tags: toKeyValues(tags) });
    // A second one would be refused as already existing, although the first had made it.
    const answer = await api({ method: 'POST', path: '/mlflow/experiments/create', body, repeatable: false, signal });
    return text(answer, 'experiment_id');
  };

  const get: Experiments['get'] = async (experimentId, options) => {
    const query = { experiment_id: experimentId };
    const answer = await api({ method: 'GET', path: '/mlflow/experiments/get', query, repeatable: true, ...options });
    return toExperiment(object(answer, 'experiment'));
  };

  const getByName: Experiments['getByName'] = async (name, options) => {
    try {
      const query = { experiment_name: name };
      const path = '/mlflow/experiments/get-by-name';
      return toExperiment(
        object(await api({ method: 'GET', path, query, repeatable: true, ...options }), 'experiment'),
      );
    } catch (error) {
      if (isMlflowError(error, 'RESOURCE_DOES_NOT_EXIST')) return undefined;
      throw error;
    }
  };

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
  const update = change('/mlflow/experiments/update');
  const remove = change('/mlflow/experiments/delete', 'RESOURCE_DOES_NOT_EXIST');
  const restore = change('/mlflow/experiments/restore', 'RESOURCE_DOES_NOT_EXIST');
  const setTag = change('/mlflow/experiments/set-experiment-tag');

  return {
    create,
    get,
    getByName,
    async getOrCreate(experiment) {
      const { name, signal } = experiment;
      const found = await getByName(name, { signal });
      if (found !== undefined) return active(found);
      try {
        await create(experiment);
      } catch (error) {
        // Someone else was faster, or the answer was lost: whether it is there now tells.
        if (!isMlflowError(error) || (error.code !== 'RESOURCE_ALREADY_EXISTS' && !error.mayHaveHappened)) throw error;
        const made = await getByName(name, { signal });
        if (made === undefined) throw error;
        return active(made);
      }
      const made = await getByName(name, { signal });
      if (made !== undefined) return made;
      throw new MlflowError('CLIENT_INVALID_RESPONSE', `Experiment ${name} was made, but the server does not know it.`);
    },
    search: ({ filter, orderBy, pageSize = 1000, signal, viewType } = {}) =>
      readPages(
        (token) =>
          api({
            method: 'POST',
            path: '/mlflow/experiments/search',
            body: present({ filter, order_by: orderBy, view_type: viewType, max_results: pageSize, page_token: token }),
            repeatable: true,
            signal,
          }),
        (page) => list(page, 'experiments').map(toExperiment),
      ),
    rename: (experimentId, name, options) => update({ experiment_id: experimentId, new_name: name }, options),
    delete: (experimentId, options) => remove({ experiment_id: experimentId }, options),
    restore: (experimentId, options) => restore({ experiment_id: experimentId }, options),
    setTag: (experimentId, key, value, options) => setTag({ experiment_id: experimentId, key, value }, options),
  };
}

function active(experiment: Experiment): Experiment {
  if (experiment.lifecycleStage === 'active') return experiment;
  throw new MlflowError(
    'INVALID_STATE',
    `Experiment ${experiment.name} is deleted: restore it (its id is ${experiment.experimentId}), or take another name.`,
  );
}

function toExperiment(wire: Wire): Experiment {
  return present({
    experimentId: text(wire, 'experiment_id'),
    name: text(wire, 'name'),
    artifactLocation: optionalText(wire, 'artifact_location') ?? '',
    lifecycleStage: toLifecycleStage(wire),
    creationTime: optionalInteger(wire, 'creation_time'),
    lastUpdateTime: optionalInteger(wire, 'last_update_time'),
    tags: keyValues(wire, 'tags'),
  });
}

/** Of an experiment or a run. */
export function toLifecycleStage(wire: Wire): LifecycleStage {
  return wire['lifecycle_stage'] === 'deleted' ? 'deleted' : 'active';
}
