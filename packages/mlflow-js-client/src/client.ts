import { createApi } from './api.js';
import { type Artifacts, createArtifacts } from './artifacts.js';
import { type MlflowClientOptions, openConnection } from './connection.js';
import { createExperiments, type Experiments } from './experiments.js';
import { type CallOptions, type HttpRequest, readText, sendOnce } from './http.js';
import { createLoggedModels, type LoggedModels } from './logged-models.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createModelVersions, type ModelVersions } from './model-versions.js';
import { createRegisteredModels, type RegisteredModels } from './registered-models.js';
import { withRetries } from './retries.js';
import { createRuns, type Runs } from './runs.js';

/** One MLflow server's API, in groups of plain functions that can be taken apart and handed on. */
export interface MlflowClient {
  /** The server's address, without credentials. */
  readonly trackingUri: string;
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly metrics: Metrics;
  readonly artifacts: Artifacts;
  readonly registeredModels: RegisteredModels;
  readonly modelVersions: ModelVersions;
  readonly loggedModels: LoggedModels;
  /** The server's version, e.g. `3.17.2`. */
  version(options?: CallOptions): Promise<string>;
  /** Closes idle connections and waits for calls that are under way. */
  close(): Promise<void>;
}

/**
 * A client of an MLflow tracking server. What `options` leave out is read from the MLFLOW_* variables that Python's
 * client reads. Connects to nothing before the first call. Throws CLIENT_BAD_CONFIGURATION.
 */
export function createMlflowClient(options: MlflowClientOptions = {}): MlflowClient {
  const connection = openConnection(options);
  const api = createApi(connection);
  const runs = createRuns(api);
  const loggedModels = createLoggedModels(api);
  const modelVersions = createModelVersions(api);
  const registeredModels = createRegisteredModels(api);
  return {
    trackingUri: connection.base,
    experiments: createExperiments(api),
    runs,
    metrics: createMetrics(api),
    artifacts: createArtifacts(connection, api, { runs, loggedModels, modelVersions, registeredModels }),
    registeredModels,
    modelVersions,
    loggedModels,
    async version({ signal } = {}) {
      const request: HttpRequest = { method: 'GET', url: '/version', signal };
      const answer = await withRetries(connection.retry, { repeatable: true, signal }, async () =>
        readText(connection, request, await sendOnce(connection, request)),
      );
      return answer.trim();
    },
    close: () => connection.dispatcher.close(),
  };
}
