export { writeFileAtomically } from './atomic-write.js';
export { type Clock, systemClock } from './clock.js';
export { describeEnvironment, type Environment, type EnvironmentOptions } from './environment.js';
export type { ArmUse, JournalEntry, Metrics, RunEvent } from './events.js';
export { type FileSystem, nodeFileSystem } from './file-system.js';
export { type Journal, type JournalOptions, openJournal } from './journal.js';
export { readJournal } from './journal-reader.js';
export { createRecorder, type Recorder } from './recorder.js';
export {
  createRunFolder,
  type RunFolder,
  type RunFolderOptions,
  type RunPath,
  runPaths,
  runsDirectory,
} from './run-folder.js';
export { storageFailed } from './storage-error.js';
export { type RunDescription, summarise } from './summarise.js';
export type { ArmSummary, ExpectationResult, MetricSummary, RunReport, TrackingSummary } from './summary.js';
