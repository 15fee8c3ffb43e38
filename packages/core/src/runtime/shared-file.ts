import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FedxError } from '../errors/index.js';

/** Where values lie in a file: from a byte on, so many of four bytes each. */
export interface Span {
  readonly position: number;
  readonly length: number;
}

/** A file that processes hold open together, and write to and read from at positions. */
export interface SharedFile {
  /** Writes values to a span of their length. False: there was no room for all of them, and what the span holds is not known. */
  write(span: Span, values: Float32Array): boolean;
  /** Reads a span into an array of its length. Throws FEDX_WORKER_FAILED where the file ends before it. */
  read(span: Span, into: Float32Array): void;
}

/** The file as whoever made it sees it. */
export interface OwnFile extends SharedFile {
  /** For child processes to inherit. */
  readonly descriptor: number;
  /** A span that nobody had before. Undefined: the file would grow beyond what its folder can spare. */
  allocate(length: number): Span | undefined;
  close(): void;
}

/** Processes on Windows inherit no descriptors, and a file that is open keeps its name there. */
const FOLDERS = process.platform === 'win32' ? [] : ['/dev/shm', tmpdir()];
/** Others need room in a folder as well: what the file may take of it, and how much that must be. */
const SHARE = 0.5;
const ENOUGH = 64 * 2 ** 20;
/** So that copies begin at whole lines of the processor's cache. */
const ALIGNMENT = 64;
/** Bytes that one call may be asked for are fewer than 2^31. */
const MOST_AT_ONCE = 2 ** 30;

/**
 * Makes a file in the first of some folders that is there, may be written to and has room: in memory where there is
 * `/dev/shm`, else among temporary files, which the system keeps in memory as it can. It loses its name at once, so that
 * nothing is left of it when the processes that hold it end, however they do. Undefined: there is no such folder.
 */
export function createSharedFile(folders: readonly string[] = FOLDERS): OwnFile | undefined {
  for (const folder of folders) {
    const most = roomIn(folder) * SHARE;
    const descriptor = most < ENOUGH ? undefined : openWithoutName(folder);
    if (descriptor === undefined) continue;
    let end = 0;
    return {
      descriptor,
      ...sharedFile(descriptor),
      allocate(length) {
        const position = end;
        const next = Math.ceil((position + length * Float32Array.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
        if (next > most) return undefined;
        end = next;
        return { position, length };
      },
      close: () => {
        closeSync(descriptor);
      },
    };
  }
  return undefined;
}

/** The file that a process inherited. */
export function sharedFile(descriptor: number): SharedFile {
  return {
    write({ position }, values) {
      try {
        return forAll(values, (bytes, done, count) => writeSync(descriptor, bytes, done, count, position + done));
      } catch {
        // The disk is full, or a quota: whoever asked has another way.
        return false;
      }
    },
    read({ position, length }, into) {
      if (!forAll(into, (bytes, done, count) => readSync(descriptor, bytes, done, count, position + done)))
        throw new FedxError('FEDX_WORKER_FAILED', `A shared file ends within ${length} values at byte ${position}.`);
    },
  };
}

/** Goes on until all bytes of some values are through. False: it came to an end before that. */
function forAll(values: Float32Array, go: (bytes: Uint8Array, done: number, count: number) => number): boolean {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const count = go(bytes, done, Math.min(bytes.length - done, MOST_AT_ONCE));
    if (count === 0) return false;
    done += count;
  }
  return true;
}

/** Bytes that this user may still write there. */
function roomIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

function openWithoutName(folder: string): number | undefined {
  const path = join(folder, `fedx-${randomUUID()}`);
  try {
    const descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return descriptor;
  } catch {
    return undefined;
  }
}
