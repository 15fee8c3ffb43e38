export type { Job, JobResult, OpenProgram, Outcome, Program, Schedule, ScheduleEnd } from './job.js';
export { type ProcessOptions, processWorkers } from './processes.js';
export type { StartWorker } from './protocol.js';
export { threadWorkers } from './threads.js';
export { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
