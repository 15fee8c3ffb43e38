/** The door for a program that hosts fedx, such as the command line. */
export { createHost, type ExperimentPlan, type Host, type HostOptions, type SpecRequest } from './compose-root.js';
export type { Plugin } from './contracts/index.js';
export type { Heterogeneity, PartitionTable } from './data/federated-data.js';
export { catalogue, type Diagnostic, type ErrorCode, type ErrorPlace, exitCodes, FedxError, isFedxError } from './errors/index.js';
export type { JournalEntry, Metrics, RunEvent } from './runs/events.js';
export type { ArmSummary, ExpectationResult, MetricSummary, RunReport } from './runs/summary.js';
export { renderDiagnostics } from './spec/diagnostics.js';
export type { ExperimentSpec } from './spec/experiment-spec.js';
