import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemClock } from './clock.js';
import type { JournalEntry, RunEvent } from './events.js';
import { type FileSystem, nodeFileSystem, syncDirectory, writeAll } from './file-system.js';
import { encodeLine } from './journal-line.js';
import { readPieces } from './journal-reader.js';
import { storageFailed } from './storage-error.js';

/** The append-only record of a run. All that happens is written here before anyone else hears of it. */
export interface Journal {
  readonly path: string;
  /**
   * Hands the event to the operating system, in the order of the calls, and returns it as it was written: it survives
   * the end of this process, and after the next {@link sync} also a power cut. Throws FEDX_STORAGE_FAILED where the line
   * does not fit; the journal then still ends with a whole line, and a later, shorter event may be tried.
   */
  append(event: RunEvent): JournalEntry;
  /** Resolves once everything appended so far is on the medium. Throws FEDX_STORAGE_FAILED. */
  sync(): Promise<void>;
  /** Syncs and closes. Throws FEDX_STORAGE_FAILED. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly clock?: Clock;
  readonly fileSystem?: FileSystem;
}

/** Starts the journal of a new run. Throws FEDX_STORAGE_FAILED, also where the file exists. */
export async function openJournal(path: string, options: JournalOptions = {}): Promise<Journal> {
  const { fileSystem = nodeFileSystem } = options;
  return journalAt(path, await createFile(fileSystem, path), [], 0, options);
}

/** The journal of a run that goes on. */
export interface ReopenedJournal {
  readonly journal: Journal;
  /** What it holds so far. */
  readonly entries: readonly JournalEntry[];
  /** Bytes of a torn tail that were cut off. */
  readonly torn: number;
}

/**
 * Opens the journal of a run to go on with it; what a crash left of a last line is cut off. Throws FEDX_JOURNAL_CORRUPT
 * as readers do, and FEDX_STORAGE_FAILED.
 */
export async function reopenJournal(path: string, options: JournalOptions = {}): Promise<ReopenedJournal> {
  const { fileSystem = nodeFileSystem } = options;
  const entries: JournalEntry[] = [];
  let size = 0;
  for await (const piece of readPieces(path)) {
    // Not push(...entries): a piece may hold more entries than a call may have arguments.
    for (const entry of piece.entries) entries.push(entry);
    size = piece.end;
  }
  try {
    const torn = statSync(path).size - size;
    const descriptor = fileSystem.open(path, 'r+');
    if (torn > 0) fileSystem.truncate(descriptor, size);
    return { journal: journalAt(path, descriptor, entries, size, options), entries, torn };
  } catch (error) {
    throw storageFailed('write', path, error);
  }
}

/** A journal that goes on after `entries`, which take `size` bytes. */
function journalAt(
  path: string,
  descriptor: number,
  entries: readonly JournalEntry[],
  start: number,
  { clock = systemClock, fileSystem = nodeFileSystem }: JournalOptions,
): Journal {
  const armSequences = new Map<string, number>();
  for (const entry of entries) {
    if ('arm' in entry) armSequences.set(entry.arm, entry.armSequence ?? 0);
  }
  let sequence = entries.length;
  let latest = entries.at(-1)?.time ?? 0;
  let size = start;
  let synced = Promise.resolve();

  function append(event: RunEvent): JournalEntry {
    const arm = 'arm' in event ? event.arm : undefined;
    const armSequence = arm === undefined ? {} : { armSequence: (armSequences.get(arm) ?? 0) + 1 };
    const time = Math.max(latest, clock());
    const entry: JournalEntry = { sequence: sequence + 1, ...armSequence, time, ...event };
    const line = encodeLine(entry);
    try {
      writeAll(fileSystem, descriptor, line, size);
    } catch (error) {
      dropTornLine();
      throw storageFailed('write', path, error);
    }
    size += line.length;
    sequence = entry.sequence;
    latest = time;
    if (arm !== undefined && entry.armSequence !== undefined) armSequences.set(arm, entry.armSequence);
    return entry;
  }

  function dropTornLine(): void {
    try {
      fileSystem.truncate(descriptor, size);
    } catch {
      // Readers drop a torn tail, and the next line is written over it: writes are by position, not at the end.
    }
  }

  /**
   * One at a time, so that close() never takes the file from under a sync that is still on its way. Once one has failed
   * all later ones fail: the operating system may have dropped what it could not write, and would report success.
   */
  function sync(): Promise<void> {
    synced = synced
      .then(() => fileSystem.sync(descriptor))
      .catch((error: unknown) => {
        throw storageFailed('write', path, error);
      });
    return synced;
  }

  return {
    path,
    append,
    sync,
    async close() {
      try {
        await sync();
      } finally {
        fileSystem.close(descriptor);
      }
    },
  };
}

async function createFile(fileSystem: FileSystem, path: string): Promise<number> {
  try {
    const descriptor = fileSystem.open(path, 'wx');
    await syncDirectory(fileSystem, dirname(path));
    return descriptor;
  } catch (error) {
    throw storageFailed('create', path, error);
  }
}
