import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { RetryPolicy } from './connection.js';
import { isMlflowError } from './mlflow-error.js';

/** Longest wait between two attempts, in seconds; the one of Python's client. */
const longestWait = 120;

export interface RetryOptions {
  /** Whether doing it twice is as good as doing it once. Where not, only what surely did not happen is tried again. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Calls `attempt` until it succeeds, fails for good, or has been tried often enough; rejects with its last error. */
export async function withRetries<Result>(
  policy: RetryPolicy,
  { repeatable, signal }: RetryOptions,
  attempt: () => Promise<Result>,
): Promise<Result> {
  const mayRepeat = (error: unknown): boolean =>
    isMlflowError(error) && error.transient && (repeatable || !error.mayHaveHappened);
  return pRetry(attempt, {
    retries: policy.retries,
    minTimeout: policy.backoffSeconds * 1000,
    maxTimeout: longestWait * 1000,
    randomize: policy.jitter,
    ...(signal === undefined ? {} : { signal }),
    shouldRetry: ({ error }) => mayRepeat(error),
    // What the server asks for comes first, the back-off on top of it: so those that were told alike do not come alike.
    onFailedAttempt: async ({ error, retriesLeft }) => {
      if (!policy.respectRetryAfter || retriesLeft === 0 || !mayRepeat(error) || !isMlflowError(error)) return;
      const seconds = Math.min(error.retryAfterSeconds ?? 0, longestWait);
      await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal });
    },
  });
}
