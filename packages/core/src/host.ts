/** The door for a program that hosts fedx, such as the command line. */

export { type SampleSummary, summarisePairedDifferences, summariseSample } from './analysis/index.js';
export {
  createHost,
  type ExperimentPlan,
  type Host,
  type HostOptions,
  type RunOptions,
  type SpecRequest,
} from './compose-root.js';
export type { Plugin } from './contracts/index.js';
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
export type { PointEvent, PointPlace } from './experiment/run-points.js';
export { fromSafetensors } from './export/index.js';
export {
  type ArmSummary,
  type ExpectationResult,
  type JournalEntry,
  type MetricSummary,
  type Metrics,
  type PointFailure,
  type RunEvent,
  type RunReport,
  readJournal,
} from './runs/index.js';
export {
  type ExperimentSpec,
  overridesText,
  renderDiagnostics,
  type SeedRequest,
  type SpecPoint,
} from './spec/index.js';
