/** The door for a program that hosts fedx, such as the command line. */

export { type SampleSummary, summarisePairedDifferences, summariseSample } from './analysis/index.js';
export type { ExperimentPlan, Host, HostOptions, SpecExplanation, SyncOptions } from './compose-root.js';
export type { Plugin } from './contracts/index.js';
export { createHost } from './create-host.js';
export type { Heterogeneity, PartitionTable } from './data/index.js';
export {
  catalogue,
  type Diagnostic,
  type ErrorCode,
  type ErrorPlace,
  exitCodes,
  FedxError,
  isFedxError,
} from './errors/index.js';
export { fromSafetensors } from './export/index.js';
export type { SpecRequest } from './resolve-request.js';
export {
  type ArmSummary,
  type ExpectationResult,
  type JournalEntry,
  type MetricSummary,
  type Metrics,
  type RunEvent,
  type RunReport,
  readJournal,
  type TrackingSummary,
} from './runs/index.js';
export { type ExperimentSpec, type ExplainedValue, type Origin, renderDiagnostics } from './spec/index.js';
export type { SyncSummary } from './tracking/index.js';
