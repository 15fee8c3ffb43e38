import { createReadStream } from 'node:fs';
import { FedxError } from '../errors/index.js';
import type { JournalEntry } from './events.js';
import { decodeLine } from './journal-line.js';
import { storageFailed } from './storage-error.js';

/**
 * The entries of a journal, in order, read as a stream. A torn tail, which is what a crash leaves of the last line, is
 * dropped. Throws FEDX_JOURNAL_CORRUPT with the line number for damage anywhere else and for lines that are missing,
 * doubled or out of order; FEDX_STORAGE_FAILED where the file cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry, void, undefined> {
  for await (const { entry } of readPlaced(path)) yield entry;
}

/** {@link readJournal}, and where each entry's line ends, in bytes from the start of the file. */
export async function* readPlaced(
  path: string,
): AsyncGenerator<{ readonly entry: JournalEntry; readonly end: number }, void, undefined> {
  const checkOrder = orderChecker(path);
  let number = 0;
  let damaged = false;
  let end = 0;
  for await (const line of lines(path)) {
    // Only now is it known that the damaged line was not the last.
    if (damaged) throw corrupt(path, number, 'its checksum does not match');
    number++;
    const entry = line.whole ? decodeLine(line.bytes) : undefined;
    damaged = entry === undefined;
    if (entry === undefined) continue;
    checkOrder(entry, number);
    end += line.bytes.length + 1;
    yield { entry, end };
  }
}

/** Each line without its newline; `whole` is false for a last line that has none. Lines are split as bytes: a chunk may end within a character. */
async function* lines(path: string): AsyncGenerator<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const NEWLINE = 0x0a;
  let started: Buffer[] = [];
  for await (const chunk of chunks(path)) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield { bytes: Buffer.concat([...started, chunk.subarray(from, end)]), whole: true };
      started = [];
      from = end + 1;
    }
    if (from < chunk.length) started.push(chunk.subarray(from));
  }
  if (started.length > 0) yield { bytes: Buffer.concat(started), whole: false };
}

async function* chunks(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path);
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
