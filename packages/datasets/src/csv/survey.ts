import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { unfit } from './columns.js';

/** What a first reading of the file tells. */
export interface Survey {
  /** At least the number of rows: one more than line ends of one kind, be they LF, CRLF or CR. */
  readonly lines: number;
  /** SHA-256 of the bytes, hex. */
  readonly digest: string;
  readonly encoding: TextEncoding;
}

/** UTF-16 where a byte-order mark says so. */
export type TextEncoding = 'utf8' | 'utf16le';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads the file a MB at a time. Throws FEDX_DATA_CORRUPT, with the line, for bytes that are no UTF-8, and what `fs`
 * throws.
 */
export async function survey(path: string, signal: AbortSignal): Promise<Survey> {
  const hash = createHash('sha256');
  let encoding: TextEncoding | undefined;
  let lineFeeds = 0;
  let carriageReturns = 0;
  // The first bytes of a character whose others come with the next chunk.
  let rest = Buffer.alloc(0);
  const notUtf8 = (linesBefore: number): Error =>
    unfit(
      path,
      Math.max(lineFeeds, carriageReturns) + linesBefore + 1,
      'the line is not UTF-8',
      'Save the file as UTF-8. If it is in Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 OLD.csv > NEW.csv.',
    );
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    encoding ??= chunk[0] === 0xff && chunk[1] === 0xfe ? 'utf16le' : 'utf8';
    if (encoding === 'utf8') {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length - unfinishedBytes(bytes);
      if (!isUtf8(bytes.subarray(0, whole))) throw notUtf8(linesBeforeFlaw(bytes));
      rest = Buffer.from(bytes.subarray(whole));
    }
    lineFeeds += count(chunk, LINE_FEED);
    carriageReturns += count(chunk, CARRIAGE_RETURN);
  }
  if (rest.length > 0) throw notUtf8(0);
  return {
    lines: Math.max(lineFeeds, carriageReturns) + 1,
    digest: hash.digest('hex'),
    encoding: encoding ?? 'utf8',
  };
}

function count(chunk: Buffer, byte: number): number {
  let found = 0;
  for (let at = chunk.indexOf(byte); at !== -1; at = chunk.indexOf(byte, at + 1)) found += 1;
  return found;
}

/** How many bytes at the end, 0 to 3, begin a character of UTF-8 and do not finish it. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (isContinuation) continue;
    const length = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}

/** How many lines end before the first that is no UTF-8. */
function linesBeforeFlaw(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split(/\r\n|\r|\n/);
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
}
