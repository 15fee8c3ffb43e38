/** A typed client of the MLflow tracking server's REST API. */

export type { ArtifactOwner } from './artifact-owner.js';
export type { ArtifactContent, ArtifactInfo, Artifacts } from './artifacts.js';
export { createMlflowClient, type MlflowClient } from './client.js';
export type { MlflowClientOptions } from './connection.js';
export { type MlflowEnvironment, readMlflowEnvironment, type Variables } from './environment.js';
export type {
  Experiment,
  ExperimentSearch,
  Experiments,
  LifecycleStage,
  NewExperiment,
  ViewType,
} from './experiments.js';
export type { CallOptions } from './http.js';
export { type Batch, batchLimits, type Metric, splitBatch, type WireBatch } from './log-batch.js';
export type {
  LoggedModel,
  LoggedModelMetric,
  LoggedModelSearch,
  LoggedModelStatus,
  LoggedModels,
  NewLoggedModel,
} from './logged-models.js';
export type { HistoryOptions, Metrics } from './metrics.js';
export { isMlflowError, MlflowError, type MlflowErrorCode, type MlflowErrorOptions } from './mlflow-error.js';
export type { ModelSearch, ModelVersion, ModelVersions, NewModelVersion } from './model-versions.js';
export type { NewRegisteredModel, RegisteredModel, RegisteredModels } from './registered-models.js';
export type { DatasetInput, MetricPoint, ModelOutput, Run, RunStatus } from './run.js';
export type { NewRun, RunChange, RunSearch, Runs } from './runs.js';
export { tagEquals } from './search-filter.js';
export { redactUri } from './tracking-uri.js';
