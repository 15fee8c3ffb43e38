export { writeFileAtomically } from './atomic-write.js';
export { type Checkpoint, type FoundCheckpoint, findCheckpoint, saveCheckpoint } from './checkpoints.js';
export { type Clock, systemClock } from './clock.js';
export { describeEnvironment, type Environment, type EnvironmentOptions } from './environment.js';
export type { ArmUse, JournalEntry, Metrics, ResumedArm, RunEvent } from './events.js';
export { type FileSystem, nodeFileSystem } from './file-system.js';
export { findInvocation, findResumable, findRun, type Resumable, selectRuns } from './find.js';
export { findGarbage, type GarbageOptions } from './garbage.js';
export {
  glanceAtRun,
  lastEntryOf,
  listInvocationIds,
  listRunIds,
  type RunGlance,
  type RunStatus,
} from './glance.js';
export {
  type Invocation,
  type InvocationPoint,
  type InvocationRecord,
  invocationsFolder,
  isInvocationRunning,
  readInvocation,
  resumeInvocation,
  startInvocation,
} from './invocation.js';
export { type Journal, type JournalOptions, openJournal, type ReopenedJournal, reopenJournal } from './journal.js';
export { readJournal } from './journal-reader.js';
export { listRuns, type RunFilter, type RunList, type RunOrder } from './list.js';
export { type Lock, takeLock } from './lock.js';
export { type RunRecord, readRun } from './read-run.js';
export { createRecorder, type Recorder } from './recorder.js';

export { planRemoval, type Removal, remove } from './remove.js';
export {
  createRunFolder,
  openRunFolder,
  type RunFolder,
  type RunFolderOptions,
  type RunPath,
  runPaths,
  runsDirectory,
} from './run-folder.js';
export { storageFailed } from './storage-error.js';
export { lowerIsBetter, type RunDescription, summarise } from './summarise.js';
export type {
  ArmSummary,
  ExpectationResult,
  MetricSummary,
  PointFailure,
  RunReport,
  SinkFailure,
  TrackingSummary,
} from './summary.js';
