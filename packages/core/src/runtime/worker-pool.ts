import { FedxError } from '../errors/index.js';
import type { Job, Outcome } from './job.js';
import type { JobReply, JobRequest, StartWorker, Worker } from './protocol.js';

export interface WorkerPoolOptions {
  /** At least 1; a single worker is not this thread either, so that the event loop stays free. */
  readonly workers: number;
  /** Aborted: running jobs stop as soon as their worker can, waiting ones never start. */
  readonly signal: AbortSignal;
  /** Told when a worker was lost and its job given to another. */
  readonly onRetry?: (reason: string) => void;
}

export interface WorkerPool {
  /** Runs a job on a free worker. Rejects with FEDX_RUN_INTERRUPTED, FEDX_CLIENT_TIMEOUT or FEDX_WORKER_FAILED. */
  run(program: string, job: Job): Promise<Outcome>;
  /** Resident memory of those workers that are processes of their own, as each of them last said. */
  memoryBytes(): number;
  /** Ends the workers, each after its native call; jobs that are not done reject with FEDX_RUN_INTERRUPTED. */
  close(): Promise<void>;
}

/** A job whose worker is lost this many times is given up. */
const ATTEMPTS = 3;

interface Waiting {
  readonly request: JobRequest;
  readonly priority: number;
  readonly timeout: number | undefined;
  attempts: number;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

interface Seat {
  readonly worker: Worker;
  memoryBytes: number;
  current: Waiting | undefined;
  /** Runs while a job with a limit does. */
  timer?: NodeJS.Timeout | undefined;
  /** The job took too long: the worker was asked to stop, and is not used again. */
  timedOut: boolean;
}

/** Workers that take jobs by priority. Which worker runs a job never changes its bits. */
export function createWorkerPool({
  workers,
  signal,
  start,
  onRetry,
}: WorkerPoolOptions & { /** Starts a worker: a thread, or a process. */ readonly start: StartWorker }): WorkerPool {
  const seats = new Set<Seat>();
  const retiring = new Set<Promise<void>>();
  const queue: Waiting[] = [];
  let nextId = 0;
  let closed = false;

  const tookTooLong = ({ timeout }: Waiting) =>
    new FedxError('FEDX_CLIENT_TIMEOUT', `A job took longer than ${timeout} s.`);
  const interrupted = () => new FedxError('FEDX_RUN_INTERRUPTED', 'The run was interrupted.');

  function open(): Seat {
    const seat: Seat = {
      memoryBytes: 0,
      current: undefined,
      timedOut: false,
      worker: start({
        onReply: (reply) => {
          settle(seat, reply);
        },
        onLost: (reason) => {
          replace(seat, reason);
        },
      }),
    };
    seats.add(seat);
    return seat;
  }

  function settle(seat: Seat, reply: JobReply): void {
    const waiting = seat.current;
    if (waiting?.request.id !== reply.id) return;
    seat.current = undefined;
    seat.memoryBytes = reply.memoryBytes ?? 0;
    clearTimeout(seat.timer);
    if (seat.timedOut) retire(seat);
    if (reply.type === 'done') waiting.resolve(reply.outcome);
    else if (reply.type === 'stopped') waiting.reject(seat.timedOut ? tookTooLong(waiting) : interrupted());
    else waiting.reject(new FedxError('FEDX_WORKER_FAILED', `A worker could not run its job: ${reply.message}`));
    dispatch();
  }

  /** A worker that was asked to stop would stop all its jobs. */
  function retire(seat: Seat): void {
    seats.delete(seat);
    retiring.add(seat.worker.end().finally(() => undefined));
  }

  function limit(seat: Seat, seconds: number): void {
    seat.timer = setTimeout(() => {
      seat.timedOut = true;
      seat.worker.interrupt();
    }, seconds * 1000);
  }

  /** A lost worker's job goes back to the queue; the same job gives the same bits wherever it runs. */
  function replace(seat: Seat, reason: string): void {
    seats.delete(seat);
    clearTimeout(seat.timer);
    const waiting = seat.current;
    if (seat.timedOut && waiting !== undefined) waiting.reject(tookTooLong(waiting));
    else if (closed || signal.aborted) waiting?.reject(interrupted());
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
        [...seats].find(({ current }) => current === undefined) ?? (seats.size < workers ? open() : undefined);
      if (idle === undefined) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      idle.current = waiting;
      if (waiting.timeout !== undefined) limit(idle, waiting.timeout);
      idle.worker.send(waiting.request);
    }
  }

  const abort = () => {
    for (const waiting of queue.splice(0)) waiting.reject(interrupted());
    for (const { worker } of seats) worker.interrupt();
  };
  signal.addEventListener('abort', abort, { once: true });

  return {
    run: (program, { priority, timeout, ...job }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted || closed) {
          reject(interrupted());
          return;
        }
        enqueue({ request: { id: nextId++, program, job }, priority, timeout, attempts: 0, resolve, reject });
        dispatch();
      }),
    memoryBytes: () => [...seats].reduce((total, { memoryBytes }) => total + memoryBytes, 0),
    async close() {
      closed = true;
      signal.removeEventListener('abort', abort);
      abort();
      await Promise.all([...retiring, ...[...seats].map(({ worker }) => worker.end())]);
    },
  };
}
