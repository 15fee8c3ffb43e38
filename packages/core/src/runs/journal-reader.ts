import { createReadStream } from 'node:fs';
import { FedxError } from '../errors/index.js';
import type { JournalEntry } from './events.js';
import { decodeLine } from './journal-line.js';
import { storageFailed } from './storage-error.js';

/** Bytes that are read at a time. */
const PIECE = 1024 * 1024;

/** Stands for what is left behind the last newline: no line, whatever it is. */
const TORN = Buffer.alloc(0);

/**
 * The entries of a journal, in order, read as a stream. A torn tail, which is what a crash leaves of the last line, is
 * dropped. Throws FEDX_JOURNAL_CORRUPT with the line number for damage anywhere else and for lines that are missing,
 * doubled or out of order; FEDX_STORAGE_FAILED where the file cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry, void, undefined> {
  for await (const entries of readPlaced(path)) {
    for (const { entry } of entries) yield entry;
  }
}

/** An entry, and where its line ends, in bytes from the start of the file. */
export interface PlacedEntry {
  readonly entry: JournalEntry;
  readonly end: number;
}

/** {@link readJournal} with places, as many entries at a time as a piece of the file holds: a step a line is a step too many. */
export async function* readPlaced(path: string): AsyncGenerator<readonly PlacedEntry[], void, undefined> {
  const checkOrder = orderChecker(path);
  let number = 0;
  let damaged = false;
  let end = 0;
  for await (const lines of linesOf(path)) {
    const placed: PlacedEntry[] = [];
    try {
      for (const line of lines) {
        // Only now is it known that the damaged line was not the last.
        if (damaged) throw corrupt(path, number, 'its checksum does not match');
        number++;
        const entry = decodeLine(line);
        damaged = entry === undefined;
        if (entry === undefined) continue;
        checkOrder(entry, number);
        end += line.length + 1;
        placed.push({ entry, end });
      }
    } finally {
      // What stands before the damage can still be read.
      yield placed;
    }
  }
}

/** The lines that end in each piece, without their newlines; then {@link TORN} where there is more. Split as bytes: a piece may end within a character. */
async function* linesOf(path: string): AsyncGenerator<readonly Buffer[]> {
  const NEWLINE = 0x0a;
  let started: Buffer[] = [];
  for await (const piece of pieces(path)) {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      const last = piece.subarray(from, end);
      lines.push(started.length === 0 ? last : Buffer.concat([...started, last]));
      started = [];
      from = end + 1;
    }
    if (from < piece.length) started.push(piece.subarray(from));
    yield lines;
  }
  if (started.length > 0) yield [TORN];
}

async function* pieces(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: PIECE });
  } catch (error) {
    throw storageFailed('read', path, error);
  }
}

/** Entries count from 1 without gaps, over the run and within each arm. */
function orderChecker(path: string): (entry: JournalEntry, line: number) => void {
  let sequence = 0;
  const armSequences = new Map<string, number>();
  return (entry, line) => {
    sequence++;
    if (entry.sequence !== sequence)
      throw corrupt(path, line, `entry ${sequence} should stand here, not entry ${entry.sequence}`);
    if (!('arm' in entry)) return;
    const expected = (armSequences.get(entry.arm) ?? 0) + 1;
    if (entry.armSequence !== expected) {
      throw corrupt(
        path,
        line,
        `entry ${expected} of arm ${entry.arm} should stand here, not entry ${entry.armSequence}`,
      );
    }
    armSequences.set(entry.arm, expected);
  };
}

function corrupt(file: string, line: number, reason: string): FedxError {
  return new FedxError('FEDX_JOURNAL_CORRUPT', `Line ${line} of ${file} is damaged: ${reason}.`, {
    place: { file, line },
  });
}
