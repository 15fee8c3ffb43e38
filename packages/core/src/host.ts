/** The door for a program that hosts fedx, such as the command line. */

export {
  type At,
  type ComparedArm,
  type ComparedDifference,
  compareFolders,
  type FolderComparison,
  type SampleSummary,
  summarisePairedDifferences,
  summariseSample,
} from './analysis/index.js';
export { cacheFolder } from './cache-folder.js';
export type { ExperimentPlan, Host, HostOptions, RunOptions, SpecExplanation } from './compose-root.js';
export type { Plugin } from './contracts/index.js';
export { createHost } from './create-host.js';
export type { Heterogeneity, PartitionTable } from './data/index.js';
export {
  adoptBinding,
  type BuiltBinding,
  bindingsFolder,
  checkBinding,
  diagnoseEngines,
  type EngineDiagnosis,
  type EnginesDiagnosis,
} from './engines/index.js';
export {
  catalogue,
  type Diagnostic,
  type ErrorCode,
  type ErrorPlace,
  exitCodes,
  FedxError,
  isFedxError,
} from './errors/index.js';
export type { PointEvent, PointPlace } from './experiment/run-points.js';
export { fromSafetensors } from './export/index.js';
export type { SpecRequest } from './resolve-request.js';
export {
  type ArmSummary,
  type ExpectationResult,
  findGarbage,
  findRun,
  type JournalEntry,
  listRuns,
  type MetricSummary,
  type Metrics,
  type PointFailure,
  planRemoval,
  type Removal,
  type RunEvent,
  type RunFilter,
  type RunGlance,
  type RunList,
  type RunOrder,
  type RunRecord,
  type RunReport,
  type RunStatus,
  readJournal,
  readRun,
  remove,
  selectRuns,
} from './runs/index.js';
export {
  type ExperimentSpec,
  type ExplainedValue,
  type Origin,
  overridesText,
  renderDiagnostics,
  type SeedRequest,
  type SpecPoint,
} from './spec/index.js';
