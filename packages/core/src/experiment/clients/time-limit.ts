import { FedxError } from '../../errors/index.js';
import type { TrainingPlace } from './training-ends.js';

/** A limit on what a client's own code takes; work that waits for a worker does not count, as the worker has its own limit. */
export interface TimeLimit {
  /** Resolves as `work` does; rejects with FEDX_CLIENT_TIMEOUT once it has taken too long, FEDX_RUN_INTERRUPTED where the run ends. */
  race<Result>(work: Promise<Result>): Promise<Result>;
  /** Stops the clock until `work` is done. */
  pausedFor<Result>(work: Promise<Result>): Promise<Result>;
}

/** `seconds` for a client's round; undefined is no limit. The clock runs from now on; `signal` is aborted where the run ends. */
export function createTimeLimit(seconds: number | undefined, place: TrainingPlace, signal: AbortSignal): TimeLimit {
  let end: (error: FedxError) => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  // Where the work is done in time nobody waits for this any more.
  over.catch(() => undefined);
  const onAbort = (): void => {
    end(new FedxError('FEDX_RUN_INTERRUPTED', 'The run was interrupted.', { place }));
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    if (seconds === undefined) return;
    timer = setTimeout(() => {
      end(clientTimeout(seconds, place));
    }, seconds * 1000);
  };
  start();
  return {
    async race(work) {
      try {
        return await Promise.race([work, over]);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
    async pausedFor(work) {
      clearTimeout(timer);
      try {
        return await work;
      } finally {
        start();
      }
    },
  };
}

/** FEDX_CLIENT_TIMEOUT of a client. */
export function clientTimeout(seconds: number, { arm, round, client }: TrainingPlace): FedxError {
  return new FedxError(
    'FEDX_CLIENT_TIMEOUT',
    `Client ${client ?? '?'} took longer than ${seconds} s in round ${round} (arm ${arm}).`,
    { place: { arm, round, ...(client !== undefined && { client }) } },
  );
}
