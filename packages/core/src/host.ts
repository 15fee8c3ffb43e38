/** The door for a program that hosts fedx, such as the command line. */

export {
  type ComparedArm,
  type ComparedDifference,
  compareFolders,
  type FigureOfStep,
  type FolderComparison,
  judge,
  leavesByPath,
  resumeHint,
  type SampleSummary,
  summarisePairedDifferences,
  summariseSample,
  sweptPaths,
  type Verdict,
} from './analysis/index.js';
export { cacheFolder } from './cache-folder.js';
export type { Plugin, PluginKind } from './contracts/index.js';
export { createHost } from './create-host.js';
export type { Heterogeneity, PartitionTable } from './data/index.js';
export { openEngineSetup } from './engine-setup.js';
export type { BuiltBinding, EngineDiagnosis, EnginesDiagnosis } from './engines/index.js';
export {
  catalogue,
  type Diagnostic,
  type ErrorCode,
  type ErrorPlace,
  exitCodes,
  FedxError,
  isFedxError,
  redact,
} from './errors/index.js';
export type { Estimate } from './experiment/estimate/estimate.js';
export type { Standing } from './experiment/invocation/earlier.js';
export type { PointEvent, PointPlace } from './experiment/invocation/run-points.js';
export { fromSafetensors } from './export/index.js';
export type { ExportedModel, ExportModelRequest } from './export-model.js';
export type {
  ExperimentPlan,
  Host,
  HostOptions,
  PlanOptions,
  ResumeOptions,
  RunOptions,
  SpecExplanation,
  SyncMissingOptions,
  SyncOptions,
} from './host-contract.js';
export type { PluginListing } from './list-plugins.js';
export { nearestName, suggest } from './names/index.js';
export { type LoadedPlugin, type OptionRow, optionTable } from './plugins/index.js';
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
  type SinkFailure,
  selectRuns,
  type TrackingSummary,
  takeLock,
} from './runs/index.js';
export {
  draftSpec,
  type ExperimentSpec,
  type ExplainedValue,
  type FigureAt,
  type JsonSchema,
  type Origin,
  overridesText,
  renderDiagnostics,
  type SeedRequest,
  type SpecPoint,
} from './spec/index.js';
export type { MissingSummary, SyncSummary } from './tracking/index.js';
export { userCache } from './user-cache.js';
