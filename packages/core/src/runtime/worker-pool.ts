import { Worker } from 'node:worker_threads';
import { FedxError } from '../errors/index.js';
import type { Job, Outcome } from './job.js';
import type { JobReply, JobRequest, WorkerData } from './protocol.js';
import { createTensorSharing } from './shared-tensors.js';

export interface WorkerPoolOptions {
  /** At least 1; a single worker is a thread too, so that the event loop stays free. */
  readonly workers: number;
  /** Aborted: running jobs stop at the end of their native call, waiting ones never start. */
  readonly signal: AbortSignal;
  /** What a worker runs; default: `worker.js` beside this file. */
  readonly entry?: URL;
  /** Told when a worker was lost and its job given to another. */
  readonly onRetry?: (reason: string) => void;
}

export interface WorkerPool {
  /** Runs a job on a free worker. Rejects with FEDX_RUN_INTERRUPTED or FEDX_WORKER_FAILED. */
  run(program: string, job: Job): Promise<Outcome>;
  /** Ends the workers, each after its native call; jobs that are not done reject with FEDX_RUN_INTERRUPTED. */
  close(): Promise<void>;
}

/** A job whose worker is lost this many times is given up. */
const ATTEMPTS = 3;

interface Waiting {
  readonly request: JobRequest;
  readonly priority: number;
  attempts: number;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | undefined;
}

/** Worker threads that take jobs by priority. Which worker runs a job never changes its bits. */
export function createWorkerPool({
  workers,
  signal,
  entry = new URL('./worker.js', import.meta.url),
  onRetry,
}: WorkerPoolOptions): WorkerPool {
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const share = createTensorSharing();
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  let nextId = 0;
  let closed = false;

  const interrupted = () => new FedxError('FEDX_RUN_INTERRUPTED', 'The run was interrupted.');

  function start(): Thread {
    const worker = new Worker(entry, { workerData: { stop } satisfies WorkerData });
    const thread: Thread = { worker, current: undefined };
    let reason = 'it ended';
    worker.on('message', (reply: JobReply) => {
      settle(thread, reply);
    });
    worker.on('error', (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      replace(thread, reason);
    });
    threads.add(thread);
    return thread;
  }

  function settle(thread: Thread, reply: JobReply): void {
    const waiting = thread.current;
    if (waiting?.request.id !== reply.id) return;
    thread.current = undefined;
    if (reply.type === 'done') waiting.resolve(reply.outcome);
    else if (reply.type === 'stopped') waiting.reject(interrupted());
    else waiting.reject(new FedxError('FEDX_WORKER_FAILED', `A worker could not run its job: ${reply.message}`));
    dispatch();
  }

  /** A lost worker's job goes back to the queue; the same job gives the same bits wherever it runs. */
  function replace(thread: Thread, reason: string): void {
    threads.delete(thread);
    const waiting = thread.current;
    if (closed) waiting?.reject(interrupted());
    else if (waiting !== undefined) {
      waiting.attempts += 1;
      if (waiting.attempts < ATTEMPTS) {
        onRetry?.(`A worker was lost (${reason}); its job runs again.`);
        enqueue(waiting);
      } else {
        waiting.reject(
          new FedxError('FEDX_WORKER_FAILED', `${ATTEMPTS} workers were lost on the same job: ${reason}.`),
        );
      }
    }
    if (queue.length > 0) dispatch();
  }

  function enqueue(waiting: Waiting): void {
    const behind = queue.findIndex(({ priority }) => priority < waiting.priority);
    queue.splice(behind === -1 ? queue.length : behind, 0, waiting);
  }

  function dispatch(): void {
    while (queue.length > 0 && !closed) {
      const idle =
        [...threads].find(({ current }) => current === undefined) ?? (threads.size < workers ? start() : undefined);
      if (idle === undefined) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      idle.current = waiting;
      idle.worker.postMessage(waiting.request);
    }
  }

  /** Ending a thread within a native call would take the whole process with it. */
  async function end({ worker, current }: Thread): Promise<void> {
    if (current !== undefined) {
      await new Promise((resolve) => {
        worker.once('message', resolve);
        worker.once('exit', resolve);
      });
    }
    await worker.terminate();
  }

  const abort = () => {
    Atomics.store(stop, 0, 1);
    for (const waiting of queue.splice(0)) waiting.reject(interrupted());
  };
  signal.addEventListener('abort', abort, { once: true });

  return {
    run: (program, { priority, ...job }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted || closed) {
          reject(interrupted());
          return;
        }
        const request = {
          id: nextId++,
          program,
          job: { ...job, carried: share(job.carried), constants: share(job.constants) },
        };
        enqueue({ request, priority, attempts: 0, resolve, reject });
        dispatch();
      }),
    async close() {
      closed = true;
      signal.removeEventListener('abort', abort);
      abort();
      await Promise.all([...threads].map(end));
    },
  };
}
