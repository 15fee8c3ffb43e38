/** The door for a program that hosts fedx, such as the command line. */

export { type SampleSummary, summarisePairedDifferences, summariseSample } from './analysis/index.js';
export { createHost, type ExperimentPlan, type Host, type HostOptions, type SpecRequest } from './compose-root.js';
export type { Plugin } from './contracts/index.js';
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
export { fromSafetensors } from './export/index.js';
export {
  type ArmSummary,
  type ExpectationResult,
  type JournalEntry,
  type MetricSummary,
  type Metrics,
  type RunEvent,
  type RunReport,
  readJournal,
} from './runs/index.js';
export { type ExperimentSpec, renderDiagnostics } from './spec/index.js';
