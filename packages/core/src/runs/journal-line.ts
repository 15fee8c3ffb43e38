import { crc32 } from 'node:zlib';
import type { JournalEntry, Metrics } from './events.js';

/**
 * A journal line is the entry as JSON whose last field is the CRC-32 of all bytes before that field:
 * `{"sequence":1,…,"crc32":"0f3a9c1e"}`. So every line is plain JSON for jq and the like.
 */
const SEAL = Buffer.from(',"crc32":"00000000"}');
const DIGITS_FROM = SEAL.indexOf('00000000');
const DIGITS_END = DIGITS_FROM + 8;
const HEXADECIMAL = Buffer.from('0123456789abcdef');

const NEWLINE = 0x0a;

/** What stands for a checked seal and its newline where lines become a list: the entry's end, and a comma. */
const SEALED_END = Buffer.from(`}${' '.repeat(SEAL.length - 1)},`);

const nonFinite: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** The line of an entry, with its newline. Metrics that JSON has no number for become "NaN", "Infinity" and "-Infinity". */
export function encodeLine(entry: JournalEntry): Buffer {
  const plain = entry.type === 'step-completed' ? { ...entry, metrics: encodeMetrics(entry.metrics) } : entry;
  const payload = JSON.stringify(plain).slice(0, -1);
  return Buffer.from(`${payload}${seal(Buffer.from(payload))}\n`);
}

/** The entry of a line (without its newline), or undefined where the line is not what {@link encodeLine} wrote. */
export function decodeLine(line: Buffer): JournalEntry | undefined {
  const payload = line.subarray(0, -SEAL.length);
  if (payload.length === 0 || !isSeal(line, payload.length, crc32(payload))) return undefined;
  // The checksum is right, so these bytes are ours, and so is their shape.
  return decodeEntry(JSON.parse(`${payload.toString('utf8')}}`) as JournalEntry);
}

/**
 * The entries of a block of lines, each with its newline, and how many bytes they take: fewer than the block where one
 * of its lines is not what {@link encodeLine} wrote. Checks each line by itself, and parses all at once, which takes half
 * the time; for that it writes over the block.
 */
export function decodeLines(block: Buffer): { readonly entries: readonly JournalEntry[]; readonly length: number } {
  let from = 0;
  for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, from)) {
    const sealFrom = end + 1 - SEALED_END.length;
    if (sealFrom <= from || !isSeal(block, sealFrom, crc32(block.subarray(from, sealFrom)))) break;
    block.set(SEALED_END, sealFrom);
    from = end + 1;
  }
  if (from === 0) return { entries: [], length: 0 };
  const entries = JSON.parse(`[${block.toString('utf8', 0, from - 1)}]`) as JournalEntry[];
  return { entries: entries.map(decodeEntry), length: from };
}

function decodeEntry(entry: JournalEntry): JournalEntry {
  return entry.type === 'step-completed' && hasNonFinite(entry.metrics)
    ? { ...entry, metrics: decodeMetrics(entry.metrics) }
    : entry;
}

/** Nearly all metrics are numbers as JSON has them, and then stay the object that they are. */
function hasNonFinite(metrics: Metrics): boolean {
  for (const key in metrics) if (typeof metrics[key] !== 'number') return true;
  return false;
}

/** Whether the bytes from `from` on are {@link seal}'s for this checksum; compared as they are, since each line asks. */
function isSeal(bytes: Buffer, from: number, checksum: number): boolean {
  for (let i = 0; i < SEAL.length; i++) {
    const isDigit = i >= DIGITS_FROM && i < DIGITS_END;
    const expected = isDigit ? HEXADECIMAL[(checksum >>> (4 * (DIGITS_END - 1 - i))) & 15] : SEAL[i];
    if (bytes[from + i] !== expected) return false;
  }
  return true;
}

function seal(payload: Buffer): string {
  return `,"crc32":"${crc32(payload).toString(16).padStart(8, '0')}"}`;
}

function encodeMetrics(metrics: Metrics): Readonly<Record<string, number | string>> {
  return mapValues(metrics, (value) => (Number.isFinite(value) ? value : String(value)));
}

function decodeMetrics(metrics: Readonly<Record<string, unknown>>): Metrics {
  return mapValues(metrics, (value) => nonFinite.get(value) ?? Number(value));
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, f: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
