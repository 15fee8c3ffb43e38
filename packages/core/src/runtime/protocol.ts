import type { Job, Outcome } from './job.js';

/**
 * What the main thread and a worker say to each other. A worker receives programs, data files to map and schedules:
 * never plugins, TypeScript or a container. A runtime on other machines would speak the same.
 */
export interface JobRequest {
  readonly id: number;
  /** File of the compiled program; tables that it maps lie beside it. */
  readonly program: string;
  readonly job: Omit<Job, 'priority'>;
}

export type JobReply =
  | { readonly id: number; readonly type: 'done'; readonly outcome: Outcome }
  | { readonly id: number; readonly type: 'stopped' }
  | { readonly id: number; readonly type: 'failed'; readonly message: string };

/** What a worker is started with. */
export interface WorkerData {
  /** One int32 of shared memory; not zero: stop at the end of the native call. */
  readonly stop: Int32Array;
}
