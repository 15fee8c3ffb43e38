import { join } from 'node:path';
import type { MlflowClient } from 'mlflow-js-client';
import { type JournalEntry, type Lock, readJournal, runPaths } from '../runs/index.js';
import { type BackgroundSink, type SinkOutcome, startBackgroundSink } from './background-sink.js';
import { createFiller } from './filler.js';
import type { InvocationFiller } from './invocation-filler.js';
import { describeTrackedRun, type TrackedRun } from './tracked-run.js';
import { lockTracking } from './tracking-lock.js';

/** Sends a run to a server while it runs. */
export interface RunTracking {
  /** Takes note of a journal entry that is on disk; returns at once. */
  onEvent(entry: JournalEntry): void;
  /** No more entries come: sends what is left. Rejects where it could not even begin. */
  end(): Promise<SinkOutcome>;
  /** Ends all attempts, also of an {@link end} that is under way. */
  giveUp(): void;
}

export interface RunTrackingOptions {
  readonly client: MlflowClient;
  /** The folder of a run, by its id. */
  readonly directoryOf: (run: string) => string;
  /** The invocation of a run that began at `startTime`. */
  readonly invocationOf: (run: TrackedRun, startTime: number) => InvocationFiller;
  /** Hears of everything that the server took. */
  readonly onProgress: () => void;
}

/** The entry with which this process begins to work on a run. */
type OpeningEntry = Extract<JournalEntry, { readonly type: 'run-started' | 'run-resumed' }>;

/**
 * Follows one run, from its first event on. What goes wrong with the server is told at the end, and nowhere before: no
 * run is slowed or stopped by it.
 */
export function trackRun({ client, directoryOf, invocationOf, onProgress }: RunTrackingOptions): RunTracking {
  let sink: Promise<BackgroundSink> | undefined;
  let lock: Lock | undefined;

  async function open({ run, sequence, time }: OpeningEntry): Promise<BackgroundSink> {
    const directory = directoryOf(run);
    lock = await lockTracking(join(directory, ...runPaths.tracking), client.trackingUri);
    const description = await describeTrackedRun(directory, run);
    const opened = startBackgroundSink(createFiller(client, description, invocationOf(description, time), onProgress));
    // A run that goes on: the server may lack what was recorded before, and what it has is not sent again.
    for await (const before of readJournal(join(directory, ...runPaths.journal))) {
      if (before.sequence >= sequence) break;
      opened.add(before);
    }
    return opened;
  }

  return {
    onEvent(entry) {
      if (entry.type === 'run-started' || entry.type === 'run-resumed') sink = open(entry);
      // In the order of the calls; why it could not start is told by end.
      sink
        ?.then((opened) => {
          opened.add(entry);
        })
        .catch(() => undefined);
    },
    async end() {
      try {
        return (await (await sink)?.end()) ?? { complete: true };
      } finally {
        lock?.release();
      }
    },
    giveUp() {
      sink
        ?.then((opened) => {
          opened.giveUp();
        })
        .catch(() => undefined);
    },
  };
}
