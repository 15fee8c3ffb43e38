import { join } from 'node:path';
import { type JournalEntry, readJournal, runPaths } from '../runs/index.js';
import { type BackgroundSink, type SinkOutcome, startBackgroundSink } from './background-sink.js';
import type { Filler } from './filler.js';

/** Sends a run to somewhere while it runs. */
export interface RunFollower {
  /** Takes note of a journal entry that is on disk; returns at once. */
  onEvent(entry: JournalEntry): void;
  /** No more entries come: sends what is left. Rejects where it could not even begin. */
  end(): Promise<SinkOutcome>;
  /** Ends all attempts, also of an {@link end} that is under way. */
  giveUp(): void;
}

/** The entry with which this process begins to work on a run. */
export type OpeningEntry = Extract<JournalEntry, { readonly type: 'run-started' | 'run-resumed' }>;

export interface FollowOptions {
  /** The folder of a run, by its id. */
  readonly directoryOf: (run: string) => string;
  /** What takes the entries of the run in this folder. */
  readonly open: (directory: string, opening: OpeningEntry) => Promise<Pick<Filler, 'add' | 'flush'>>;
}

/**
 * Follows one run, from its first event on. What goes wrong is told at the end, and nowhere before: no run is slowed or
 * stopped by it.
 */
export function followRun({ directoryOf, open }: FollowOptions): RunFollower {
  let sink: Promise<BackgroundSink> | undefined;

  async function begin(opening: OpeningEntry): Promise<BackgroundSink> {
    const directory = directoryOf(opening.run);
    const opened = startBackgroundSink(await open(directory, opening));
    // A run that goes on: what was recorded before is to be there, too.
    for await (const before of readJournal(join(directory, ...runPaths.journal))) {
      if (before.sequence >= opening.sequence) break;
      opened.add(before);
    }
    return opened;
  }

  return {
    onEvent(entry) {
      if (entry.type === 'run-started' || entry.type === 'run-resumed') sink = begin(entry);
      // In the order of the calls; why it could not start is told by end.
      sink
        ?.then((opened) => {
          opened.add(entry);
        })
        .catch(() => undefined);
    },
    async end() {
      return (await (await sink)?.end()) ?? { complete: true };
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
