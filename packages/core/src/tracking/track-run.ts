import { join } from 'node:path';
import type { MlflowClient } from 'mlflow-js-client';
import { FedxError } from '../errors/index.js';
import { type JournalEntry, readJournal, runPaths, type TrackingSummary } from '../runs/index.js';
import { type BackgroundSink, type SinkOutcome, startBackgroundSink } from './background-sink.js';
import { createFiller } from './filler.js';
import { describeTrackedRun } from './tracked-run.js';
import { trackingFailed } from './tracking-error.js';
import { lockTracking } from './tracking-lock.js';

/** Sends a run to a server while it runs. */
export interface Tracking {
  /** Takes note of a journal entry that is on disk; returns at once. */
  onEvent(entry: JournalEntry): void;
  /** Sends what is left, for at most so many seconds. Never rejects. */
  finish(seconds: number): Promise<TrackingSummary>;
}

export interface TrackingOptions {
  readonly client: MlflowClient;
  /** The folder of a run, by its id. */
  readonly directoryOf: (run: string) => string;
  /** Name of the experiment on the server; default: the spec's name. */
  readonly experiment?: string | undefined;
}

/** The entry with which this process begins to work on a run. */
type OpeningEntry = Extract<JournalEntry, { readonly type: 'run-started' | 'run-resumed' }>;

/**
 * Follows one run, from its first event on. What goes wrong with the server is told at the end, and nowhere before: no
 * run is slowed or stopped by it.
 */
export function trackRun({ client, directoryOf, experiment }: TrackingOptions): Tracking {
  let sink: Promise<{ readonly sink: BackgroundSink; readonly release: () => Promise<void> }> | undefined;

  async function open({
    run,
    sequence,
  }: OpeningEntry): Promise<{ sink: BackgroundSink; release: () => Promise<void> }> {
    const directory = directoryOf(run);
    const release = await lockTracking(directory, client.trackingUri);
    const description = await describeTrackedRun(directory, run);
    const opened = startBackgroundSink(createFiller(client, description, experiment ?? description.name));
    // A run that goes on: the server may lack what was recorded before, and what it has is not sent again.
    for await (const before of readJournal(join(directory, ...runPaths.journal))) {
      if (before.sequence >= sequence) break;
      opened.add(before);
    }
    return { sink: opened, release };
  }

  return {
    onEvent(entry) {
      if (entry.type === 'run-started' || entry.type === 'run-resumed') sink = open(entry);
      // In the order of the calls; why it could not start is told by finish.
      sink?.then((opened) => opened.sink.add(entry)).catch(() => undefined);
    },
    async finish(seconds) {
      const server = client.trackingUri;
      if (sink === undefined) return { server, complete: true };
      try {
        const opened = await sink;
        const outcome = await opened.sink.finish(seconds);
        await opened.release();
        return summarise(server, outcome);
      } catch (error) {
        return { server, complete: false, problem: trackingFailed(server, error).message };
      }
    },
  };
}

function summarise(server: string, { complete, failure, place }: SinkOutcome): TrackingSummary {
  return {
    server,
    complete,
    ...(place === undefined
      ? {}
      : { url: `${server}/#/experiments/${place.experimentId}`, runs: Object.fromEntries(place.arms) }),
    ...(complete ? {} : { problem: problemOf(server, failure) }),
  };
}

function problemOf(server: string, failure: unknown): string {
  // An aborted call says nothing of its own: the server was too slow for the time that was left.
  const slow = new FedxError('FEDX_TRACKING_FAILED', `The MLflow server ${server} did not take everything in time.`);
  return failure === undefined || (failure instanceof Error && failure.name === 'AbortError')
    ? slow.message
    : trackingFailed(server, failure).message;
}
