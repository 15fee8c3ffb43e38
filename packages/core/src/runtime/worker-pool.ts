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
  /** Ends the workers, each after its native call; jobs that are not done reject with FEDX_RUN_INTERRUPTED. */
  close(): Promise<void>;
}

/** A job whose worker is lost this many times is given up. */
const ATTEMPTS = 3;
/**
 * A worker whose jobs take less than this gets the next one before it has answered, and does not wait for it; the last
 * jobs of the queue are for whoever is free.
 */
const QUICK_MILLISECONDS = 20;

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
  /** What it was sent and has not answered: the job that it runs, and maybe one that it is to run next. */
  readonly sent: Waiting[];
  /** When the first of them began. */
  since: number;
  /** Whether its last job was a short one. */
  isQuick: boolean;
  /** Runs while a job with a limit does. */
  timer?: NodeJS.Timeout | undefined;
  /** The job took too long: the worker was asked to stop, and is not used again. */
  timedOut: boolean;
}

const takesAnother = ({ sent, isQuick, timedOut }: Seat): boolean => isQuick && !timedOut && sent.length === 1;

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
      sent: [],
      since: 0,
      isQuick: false,
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
    const [waiting, next] = seat.sent;
    if (waiting?.request.id !== reply.id) return;
    seat.sent.shift();
    clearTimeout(seat.timer);
    seat.isQuick = performance.now() - seat.since < QUICK_MILLISECONDS;
    if (seat.timedOut) retire(seat);
    else if (next !== undefined) begin(seat, next);
    if (reply.type === 'done') waiting.resolve(reply.outcome);
    else if (reply.type === 'stopped') waiting.reject(seat.timedOut ? tookTooLong(waiting) : interrupted());
    else waiting.reject(new FedxError('FEDX_WORKER_FAILED', `A worker could not run its job: ${reply.message}`));
    dispatch();
  }

  /** A worker that was asked to stop would stop all its jobs. */
  function retire(seat: Seat): void {
    seats.delete(seat);
    seat.sent.splice(0).forEach(putBack);
    retiring.add(seat.worker.end().finally(() => undefined));
  }

  /** A worker has come to a job. */
  function begin(seat: Seat, { timeout }: Waiting): void {
    seat.since = performance.now();
    if (timeout === undefined) return;
    seat.timer = setTimeout(() => {
      seat.timedOut = true;
      seat.worker.interrupt();
    }, timeout * 1000);
  }

  /** A lost worker's job goes back to the queue; the same job gives the same bits wherever it runs. */
  function replace(seat: Seat, reason: string): void {
    seats.delete(seat);
    clearTimeout(seat.timer);
    const [waiting, ...others] = seat.sent.splice(0);
    others.forEach(putBack);
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

  /** A job whose worker has not come to it. */
  function putBack(waiting: Waiting): void {
    if (closed || signal.aborted) waiting.reject(interrupted());
    else enqueue(waiting);
  }

  function dispatch(): void {
    while (queue.length > 0 && !closed) {
      const seat =
        [...seats].find(({ sent }) => sent.length === 0) ??
        (seats.size < workers ? open() : queue.length > workers ? [...seats].find(takesAnother) : undefined);
      if (seat === undefined) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      if (seat.sent.push(waiting) === 1) begin(seat, waiting);
      seat.worker.send(waiting.request);
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
    async close() {
      closed = true;
      signal.removeEventListener('abort', abort);
      abort();
      await Promise.all([...retiring, ...[...seats].map(({ worker }) => worker.end())]);
    },
  };
}
