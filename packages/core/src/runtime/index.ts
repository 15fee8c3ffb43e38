export type { Job, Outcome, Program, Schedule } from './job.js';
export { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
