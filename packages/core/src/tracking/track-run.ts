import { join } from 'node:path';
import type { MlflowClient } from 'mlflow-js-client';
import { type Lock, runPaths } from '../runs/index.js';
import { createFiller } from './filler.js';
import { type FollowOptions, followRun, type RunFollower } from './follow-run.js';
import type { InvocationFiller } from './invocation-filler.js';
import { describeTrackedRun, type TrackedRun } from './tracked-run.js';
import { lockTracking } from './tracking-lock.js';

export interface RunTrackingOptions extends Pick<FollowOptions, 'directoryOf'> {
  readonly client: MlflowClient;
  /** The invocation of a run that began at `startTime`. */
  readonly invocationOf: (run: TrackedRun, startTime: number) => InvocationFiller;
  /** Hears of everything that the server took. */
  readonly onProgress: () => void;
}

/** Sends one run to a server while it runs; the server may lack what was recorded before, and what it has is not sent again. */
export function trackRun({ client, directoryOf, invocationOf, onProgress }: RunTrackingOptions): RunFollower {
  let lock: Lock | undefined;
  const follower = followRun({
    directoryOf,
    open: async (directory, { run, time }) => {
      lock = await lockTracking(join(directory, ...runPaths.tracking), client.trackingUri);
      const description = await describeTrackedRun(directory, run);
      return createFiller(client, description, invocationOf(description, time), onProgress);
    },
  });
  return {
    ...follower,
    async end() {
      try {
        return await follower.end();
      } finally {
        lock?.release();
      }
    },
  };
}
