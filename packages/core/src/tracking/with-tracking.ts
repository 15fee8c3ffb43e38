import { join } from 'node:path';
import { type JournalEntry, runsDirectory, type TrackingSummary } from '../runs/index.js';
import type { ExperimentSpec } from '../spec/index.js';
import { openTrackingServer } from './open-client.js';
import { trackRun } from './track-run.js';

export interface TrackingContext {
  readonly spec: Pick<ExperimentSpec, 'tracking'>;
  /** Runs are in `<directory>/.fedx/runs`. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the user interrupts: then the end waits for the server but shortly. */
  readonly signal: AbortSignal;
  /** Sees each journal entry once it is on disk. */
  readonly onEvent: (entry: JournalEntry) => void;
}

/** How long the end of a run waits for the server: at most so many seconds, and where the user interrupted. */
const patience = { ended: 10, interrupted: 0.5 };

/**
 * Runs `run` and has what it hands to `onEvent` sent to the MLflow server of the spec, if it has one; the report says how
 * far that came. Throws FEDX_TRACKING_FAILED before the run starts for settings that cannot be used, and what `run` throws.
 */
export async function withTracking<Result extends object>(
  { directory, env, onEvent, signal, spec }: TrackingContext,
  run: (onEvent: (entry: JournalEntry) => void) => Promise<Result>,
): Promise<Result & { readonly tracking?: TrackingSummary | undefined }> {
  // The sink waits and tries again by itself, so that it can be told to stop waiting.
  const server = await openTrackingServer(spec.tracking.mlflow, env, 0);
  if (server === undefined) return run(onEvent);
  const { client, experiment } = server;
  const tracking = trackRun({ client, experiment, directoryOf: (id) => join(runsDirectory(directory), id) });
  const finish = async (): Promise<TrackingSummary | undefined> => {
    const summary = await tracking.finish(signal.aborted ? patience.interrupted : patience.ended);
    await client.close();
    return summary;
  };
  try {
    const report = await run((entry) => {
      tracking.onEvent(entry);
      onEvent(entry);
    });
    return { ...report, tracking: await finish() };
  } catch (error) {
    await finish();
    throw error;
  }
}
