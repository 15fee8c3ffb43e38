import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { storing, throwIfInterrupted } from './make-once.js';

/** How patiently a mirror is treated. */
export interface Patience {
  /** Without a byte for so long, the connection is given up. */
  readonly stallMs: number;
  /** Pause before the second try of a mirror; doubled before each further one. */
  readonly retryMs: number;
  /** How often one mirror is tried. */
  readonly attempts: number;
}

/** How an attempt ended: the file is as long as it should be, or why not and whether to ask the same mirror again. */
export type Attempt =
  | { readonly whole: true /** Whether its start is from an earlier attempt. */; readonly resumed: boolean }
  | { readonly whole: false; readonly reason: string; readonly again: boolean };

interface Target {
  readonly url: string;
  /** Where the bytes go; what is there already is taken for the start of the file. */
  readonly part: string;
  /** Size of the whole file. */
  readonly bytes: number;
}

/** Statuses that may be gone in a moment. */
const transient = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Fetches `url` to the end of `part`, from where an earlier attempt left off where the server can (RFC 9110, section 14:
 * Range). `part` keeps what came; whether it is the right content is the caller's to check.
 *
 * Throws FEDX_RUN_INTERRUPTED once the signal is aborted, and FEDX_STORAGE_FAILED where `part` cannot be written.
 */
export async function fetchFile(
  { url, part, bytes }: Target,
  signal: AbortSignal,
  { stallMs }: Patience,
): Promise<Attempt> {
  const held = await sizeOf(part);
  if (held === bytes) return { whole: true, resumed: true };
  const start = held < bytes ? held : 0;
  const stalled = new AbortController();
  const watchdog = setTimeout(() => {
    stalled.abort();
  }, stallMs);
  let file: FileHandle | undefined;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, stalled.signal]),
      // A file that the server packs once more on its way would come back unpacked and with another hash.
      headers: { 'accept-encoding': 'identity', ...(start > 0 && { range: `bytes=${start}-` }) },
    });
    const refusal = await refusalOf(response, part);
    if (refusal !== undefined) return refusal;
    const from = response.status === 206 ? rangeStart(response) : 0;
    if (from !== start && from !== 0) return failed(`it sent bytes from ${String(from)} instead of ${start}`, false);

    file = await storing(part, () => open(part, from === 0 ? 'w' : 'a'));
    let size = from;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      watchdog.refresh();
      size += chunk.length;
      if (size > bytes) return failed(`it sent more than ${bytes} bytes`, false);
      const handle = file;
      await storing(part, () => writeWhole(handle, chunk));
    }
    if (size < bytes) return failed(`it ended after ${size} of ${bytes} bytes`, true);
    const handle = file;
    await storing(part, () => handle.sync());
    return { whole: true, resumed: from > 0 };
  } catch (error) {
    throwIfInterrupted(signal);
    if (stalled.signal.aborted) return failed(`no byte came for ${stallMs / 1000} s`, true);
    // Undici says no more than "fetch failed" itself; its cause has the reason.
    if (error instanceof TypeError) return failed(describe(error), true);
    throw error;
  } finally {
    clearTimeout(watchdog);
    await file?.close();
  }
}

/** SHA-256 of a file, hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function refusalOf(response: Response, part: string): Promise<Attempt | undefined> {
  if (response.status === 416) {
    // What is there is no part of the server's file.
    await storing(part, () => rm(part, { force: true }));
    return failed('it has no such range', true);
  }
  if (!response.ok)
    return failed(`it answered ${response.status} ${response.statusText}`.trim(), transient.has(response.status));
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  return encoding === 'identity' ? undefined : failed(`it re-packed the file (${encoding})`, false);
}

/** The first byte of a partial response, from `Content-Range: bytes 100-199/200`. */
function rangeStart({ headers }: Response): number {
  const [, start = ''] = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '') ?? [];
  return start === '' ? Number.NaN : Number(start);
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    // Whatever keeps us from seeing the file keeps us from writing it too, and then says why.
    return 0;
  }
}

function failed(reason: string, again: boolean): Attempt {
  return { whole: false, reason, again };
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
