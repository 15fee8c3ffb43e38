import type { Job, Outcome } from './job.js';

/**
 * What the pool and a worker say to each other. A worker receives programs, data files to map and schedules:
 * never plugins, TypeScript or a container. A runtime on other machines would speak the same.
 */
export interface JobRequest<Sent = Omit<Job, 'priority'>> {
  readonly id: number;
  /** File of the compiled program; tables that it maps lie beside it. */
  readonly program: string;
  readonly job: Sent;
}

export type JobReply<Sent = Outcome> = {
  /** Resident memory of the worker, where it is a process of its own. */
  readonly memoryBytes?: number;
} & (
  | { readonly id: number; readonly type: 'done'; readonly outcome: Sent }
  | { readonly id: number; readonly type: 'stopped' }
  | { readonly id: number; readonly type: 'failed'; readonly message: string }
);

/** What a thread is started with. */
export interface ThreadData {
  /** One int32 of shared memory; not zero: stop at the end of the native call. */
  readonly stop: Int32Array;
}

/** The file that a worker process inherits for large tensors: after its three streams and the channel of messages. */
export const SHARED_DESCRIPTOR = 4;

/** A worker as the pool sees it: a thread, or a process. It runs one job after the other, in the order sent. */
export interface Worker {
  /** What is sent together is answered together. */
  send(requests: readonly JobRequest[]): void;
  /** Has the job that runs end early; the worker may be lost by it. */
  interrupt(): void;
  /** Ends the worker; resolves once it is gone. */
  end(): Promise<void>;
}

/** Told by a worker. */
export interface WorkerListener {
  onReply(replies: readonly JobReply[]): void;
  /** The worker is gone, in the middle of its job or not. */
  onLost(reason: string): void;
}

export type StartWorker = (listener: WorkerListener) => Worker;
