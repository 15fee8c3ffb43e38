import { redact } from '../errors/index.js';
import type { JournalEntry, RunEvent } from './events.js';
import type { Journal } from './journal.js';

/** Writes events to the journal and hands them on once they are on disk. */
export interface Recorder {
  /** Appends at once; throws FEDX_STORAGE_FAILED where this or an earlier event could not be kept. */
  record(event: RunEvent): void;
  /** Resolves once everything recorded is on disk and handed on. */
  drain(): Promise<void>;
}

/** One fsync serves all events that came while the one before was under way: a quick run never waits for the disk. */
export function createRecorder(journal: Journal, onEvent: (entry: JournalEntry) => void): Recorder {
  let waiting: JournalEntry[] = [];
  let flushing: Promise<void> | undefined;
  let failure: unknown;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const entries = waiting;
      waiting = [];
      await journal.sync();
      entries.forEach(onEvent);
    }
  }

  function start(): void {
    flushing ??= flush()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        flushing = undefined;
      });
  }

  return {
    record(event) {
      if (failure !== undefined) throw failure as Error;
      const shown = event.type === 'warning' ? { ...event, message: redact(event.message) } : event;
      waiting.push(journal.append(shown));
      start();
    },
    async drain() {
      while (flushing !== undefined) await flushing;
      if (failure !== undefined) throw failure as Error;
    },
  };
}
