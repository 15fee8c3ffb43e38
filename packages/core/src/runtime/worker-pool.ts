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
/** A worker whose jobs take less than this gets as many together as take about this long. */
const QUICK_MILLISECONDS = 20;
/**
 * A worker whose jobs take less than this gets the next ones before it has answered, so that it does not wait for them; the
 * last jobs of the queue are for whoever is free.
 */
const WAIT_MATTERS_MILLISECONDS = 200;

interface Waiting {
  readonly request: JobRequest;
  readonly priority: number;
  readonly timeout: number | undefined;
  attempts: number;
  /** Whether it is sent by itself: it has a limit of its own, or was among those of which one may have cost a worker. */
  alone: boolean;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

interface Seat {
  readonly worker: Worker;
  /** What it was sent and has not answered: the jobs that it runs, and maybe some that it is to run next. */
  readonly sent: (readonly Waiting[])[];
  /** When the first of them began. */
  since: number;
  /** What one of its last jobs took. */
  jobMilliseconds: number;
  memoryBytes: number;
  /** Runs while a job with a limit does. */
  timer?: NodeJS.Timeout | undefined;
  /** The job took too long: the worker was asked to stop, and is not used again. */
  timedOut: boolean;
}

/** The engine refused the job, or had no memory for it: another worker would not fare better. */
function couldNotRun(reason: string): FedxError {
  return new FedxError('FEDX_WORKER_FAILED', `A worker could not run its job: ${reason}`, {
    hint: 'These are the engine’s own words. engine.use=eager runs the same in plain tfjs, which names the line of a plugin where it finds fault; where they speak of memory, try executor.workers=1.',
  });
}

/** Whether jobs may wait at a worker that is at work. Others that go before them would have to wait longer for it. */
const takesMore = ({ sent, jobMilliseconds, timedOut }: Seat, areFirst: boolean): boolean =>
  jobMilliseconds < (areFirst ? WAIT_MATTERS_MILLISECONDS : QUICK_MILLISECONDS) && !timedOut && sent.length === 1;

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
  let highestPriority = -Infinity;
  let closed = false;

  const tookTooLong = ({ timeout }: Waiting) =>
    new FedxError('FEDX_CLIENT_TIMEOUT', `A job took longer than ${timeout} s.`);
  const interrupted = () => new FedxError('FEDX_RUN_INTERRUPTED', 'The run was interrupted.');

  function open(): Seat {
    const seat: Seat = {
      sent: [],
      since: 0,
      jobMilliseconds: Infinity,
      memoryBytes: 0,
      timedOut: false,
      worker: start({
        onReply: (replies) => {
          settle(seat, replies);
        },
        onLost: (reason) => {
          replace(seat, reason);
        },
      }),
    };
    seats.add(seat);
    return seat;
  }

  function settle(seat: Seat, replies: readonly JobReply[]): void {
    const [answered = [], next] = seat.sent;
    if (answered[0]?.request.id !== replies[0]?.id) return;
    seat.sent.shift();
    seat.memoryBytes = replies[0]?.memoryBytes ?? 0;
    clearTimeout(seat.timer);
    seat.jobMilliseconds = (performance.now() - seat.since) / answered.length;
    if (seat.timedOut) retire(seat);
    else if (next !== undefined) begin(seat, next);
    answered.forEach((waiting, i) => {
      const reply = replies[i];
      if (reply?.type === 'done') waiting.resolve(reply.outcome);
      else if (reply?.type === 'failed') waiting.reject(couldNotRun(reply.message));
      else waiting.reject(seat.timedOut ? tookTooLong(waiting) : interrupted());
    });
    dispatch();
  }

  /** A worker that was asked to stop would stop all its jobs. */
  function retire(seat: Seat): void {
    seats.delete(seat);
    seat.sent.splice(0).flat().forEach(putBack);
    retiring.add(seat.worker.end().finally(() => undefined));
  }

  /** A worker has come to some jobs. */
  function begin(seat: Seat, [first]: readonly Waiting[]): void {
    const timeout = first?.timeout;
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
    const [running = [], ...others] = seat.sent.splice(0);
    others.flat().forEach(putBack);
    const [waiting] = running;
    if (seat.timedOut) for (const each of running) each.reject(tookTooLong(each));
    else if (closed || signal.aborted) for (const each of running) each.reject(interrupted());
    else if (running.length > 1) {
      onRetry?.(`A worker was lost (${reason}); its jobs run again.`);
      for (const each of running) each.alone = true;
      running.forEach(enqueue);
    } else if (waiting !== undefined) {
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
        (seats.size < workers ? open() : queue.length > workers ? busySeat() : undefined);
      if (seat === undefined) return;
      const next = queue.splice(0, together(seat));
      if (seat.sent.push(next) === 1) begin(seat, next);
      seat.worker.send(next.map(({ request }) => request));
    }
  }

  function busySeat(): Seat | undefined {
    const areFirst = queue[0]?.priority === highestPriority;
    return [...seats].find((seat) => takesMore(seat, areFirst));
  }

  /** How many of the next jobs a worker gets together: the fewer, the fewer there are. */
  function together({ jobMilliseconds }: Seat): number {
    const most = Math.min(QUICK_MILLISECONDS / jobMilliseconds, Math.ceil(queue.length / (2 * workers)));
    const alone = queue.findIndex((waiting) => waiting.alone);
    return Math.max(1, Math.floor(alone === -1 ? most : Math.min(most, alone)));
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
        const request = { id: nextId++, program, job };
        highestPriority = Math.max(highestPriority, priority);
        enqueue({ request, priority, timeout, attempts: 0, alone: timeout !== undefined, resolve, reject });
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
