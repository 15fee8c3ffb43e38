import { open } from 'node:fs/promises';
import { FedxError } from '../errors/index.js';
import type { JournalEntry } from './events.js';
import { decodeLines } from './journal-line.js';
import { storageFailed } from './storage-error.js';

/** Bytes that are read at a time, where lines are not longer. */
const PIECE = 512 * 1024;

/** About so many bytes of lines are parsed at a time: they are then still in the processor's cache. */
const BLOCK = 64 * 1024;

const NEWLINE = 0x0a;

/**
 * The entries of a journal, in order, read as a stream. A torn tail, which is what a crash leaves of the last line, is
 * dropped. Throws FEDX_JOURNAL_CORRUPT with the line number for damage anywhere else and for lines that are missing,
 * doubled or out of order; FEDX_STORAGE_FAILED where the file cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry, void, undefined> {
  for await (const { entries } of readPieces(path)) {
    for (const entry of entries) yield entry;
  }
}

/** Entries that follow each other, and where their lines end, in bytes from the start of the file. */
export interface JournalPiece {
  readonly entries: readonly JournalEntry[];
  readonly end: number;
}

/** {@link readJournal}, as many entries at a time as a piece of the file holds. */
export async function* readPieces(path: string): AsyncGenerator<JournalPiece, void, undefined> {
  const checkOrder = orderChecker();
  let number = 0;
  let end = 0;
  let damaged = false;
  for await (const block of blocksOf(path)) {
    // Only now is it known that the damaged line was not the last.
    if (damaged) throw corrupt(path, number, CHECKSUM);
    const { entries, length } = decodeLines(block);
    const { count, reason } = checkOrder(entries);
    number += count;
    end += length;
    // What stands before the damage can still be read.
    yield { entries: reason === undefined ? entries : entries.slice(0, count), end };
    if (reason !== undefined) throw corrupt(path, number + 1, reason);
    damaged = length < block.length;
    if (!damaged) continue;
    number++;
    const next = block.indexOf(NEWLINE, length) + 1;
    if (next > 0 && next < block.length) throw corrupt(path, number, CHECKSUM);
  }
}

const CHECKSUM = 'its checksum does not match';

/**
 * Blocks of whole lines, each with its newline; then what is left behind the last newline, where there is any. Split as
 * bytes: a piece may end within a character. A block is the caller's until it asks for the next.
 */
async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  let bytes = Buffer.alloc(PIECE);
  let left = 0;
  for await (const length of fill(path, () => bytes.subarray(left))) {
    const read = left + length;
    const lines = bytes.subarray(0, read).lastIndexOf(NEWLINE) + 1;
    for (let from = 0; from < lines; ) {
      const end = from + BLOCK < lines ? bytes.indexOf(NEWLINE, from + BLOCK) + 1 : lines;
      yield bytes.subarray(from, end);
      from = end;
    }
    // The beginning of a line moves to the front, or on to more room where it takes all there is.
    const next = lines === 0 && read === bytes.length ? Buffer.alloc(2 * bytes.length) : bytes;
    bytes.copy(next, 0, lines, read);
    bytes = next;
    left = read - lines;
  }
  if (left > 0) yield bytes.subarray(0, left);
}

/** Reads the file from its beginning into one room after the other, and says how many bytes each time. */
async function* fill(path: string, room: () => Buffer): AsyncGenerator<number> {
  try {
    const file = await open(path);
    try {
      for (;;) {
        const { bytesRead } = await file.read(room());
        if (bytesRead === 0) return;
        yield bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storageFailed('read', path, error);
  }
}

/**
 * Entries count from 1 without gaps, over the run and within each arm. Of entries that follow those of the call before:
 * how many do, and why the next one does not.
 */
function orderChecker(): (entries: readonly JournalEntry[]) => { readonly count: number; readonly reason?: string } {
  let sequence = 0;
  const armSequences = new Map<string, number>();
  const wrong = (entry: JournalEntry): string | undefined => {
    sequence++;
    if (entry.sequence !== sequence) return `entry ${sequence} should stand here, not entry ${entry.sequence}`;
    if (!('arm' in entry)) return undefined;
    const expected = (armSequences.get(entry.arm) ?? 0) + 1;
    armSequences.set(entry.arm, expected);
    return entry.armSequence === expected
      ? undefined
      : `entry ${expected} of arm ${entry.arm} should stand here, not entry ${entry.armSequence}`;
  };
  return (entries) => {
    let count = 0;
    for (const entry of entries) {
      const reason = wrong(entry);
      if (reason !== undefined) return { count, reason };
      count++;
    }
    return { count };
  };
}

function corrupt(file: string, line: number, reason: string): FedxError {
  return new FedxError('FEDX_JOURNAL_CORRUPT', `Line ${line} of ${file} is damaged: ${reason}.`, {
    place: { file, line },
  });
}
