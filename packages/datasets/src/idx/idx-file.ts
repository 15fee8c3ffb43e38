import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FedxError } from '@fedx/core';

/**
 * A file of unsigned bytes in the IDX format (LeCun, Cortes and Burges, "The MNIST database"): the magic number
 * `00 00 08 d`, where 08 means uint8 and d is the number of dimensions, then d sizes as big-endian uint32, then
 * the values, last dimension fastest.
 */
export interface IdxFile {
  readonly path: string;
  /** `[count]` for labels, `[count, rows, columns]` for images; each at least 1. */
  readonly shape: readonly number[];
  /**
   * Fills `target`, which holds exactly the product of `shape` bytes, and returns the SHA-256 of the whole
   * uncompressed file, hex. Throws FEDX_DATA_CORRUPT where the file shrank meanwhile.
   */
  readInto(target: Uint8Array): Promise<string>;
}

/**
 * Opens an IDX file, gzipped or not (told by its first two bytes, not by its name), and checks magic number and size.
 * The values of a file that is not compressed are read by `readInto` only, straight to where they belong.
 *
 * Throws FEDX_DATA_NOT_FOUND, and FEDX_DATA_CORRUPT where the file is truncated, has bytes too many or another format.
 */
export async function openIdx(path: string, dimensions: 1 | 3): Promise<IdxFile> {
  const headerBytes = 4 + 4 * dimensions;
  const start = await readStart(path, headerBytes);
  const inflated = isGzip(start.bytes) ? await inflate(path) : undefined;
  const header = inflated?.subarray(0, headerBytes) ?? start.bytes;
  const shape = readShape(path, header, dimensions);
  checkSize(path, shape, headerBytes, inflated?.length ?? start.fileSize);

  return {
    path,
    shape,
    async readInto(target) {
      if (inflated === undefined) await readAt(path, headerBytes, target);
      else target.set(inflated.subarray(headerBytes));
      return createHash('sha256').update(header).update(target).digest('hex');
    },
  };
}

/** FEDX_DATA_CORRUPT about `path`; `finding` says what was found and what was expected. */
export function corrupt(path: string, finding: string, cause?: unknown): FedxError {
  return new FedxError('FEDX_DATA_CORRUPT', `${path}: ${finding}.`, { place: { file: path }, cause });
}

async function readStart(path: string, bytes: number): Promise<{ bytes: Buffer; fileSize: number }> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(bytes, size));
    return { bytes: buffer.subarray(0, await fill(file, buffer, 0)), fileSize: size };
  });
}

async function readAt(path: string, position: number, target: Uint8Array): Promise<void> {
  const found = await withFile(path, (file) => fill(file, target, position));
  if (found < target.length) {
    throw corrupt(path, `the file shrank while it was read: ${found} bytes of values, expected ${target.length}`);
  }
}

/** Reads until `target` is full or the file ends, and returns the number of bytes read. */
async function fill(file: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    return await use(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FedxError('FEDX_DATA_NOT_FOUND', `Cannot read ${path}: ${reason}.`, { place: { file: path }, cause });
  } finally {
    await file?.close();
  }
}

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

async function inflate(path: string): Promise<Buffer> {
  const compressed = await readFile(path);
  try {
    return await promisify(gunzip)(compressed);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw corrupt(path, `the gzip data (${compressed.length} bytes) cannot be unpacked: ${reason}`, cause);
  }
}

function readShape(path: string, header: Buffer, dimensions: number): number[] {
  const headerBytes = 4 + 4 * dimensions;
  if (header.length < headerBytes) {
    throw corrupt(path, `the file ends after ${header.length} bytes, expected an IDX header of ${headerBytes} bytes`);
  }
  const magic = header.readUInt32BE(0);
  const expected = 0x0800 | dimensions;
  if (magic !== expected) {
    throw corrupt(
      path,
      `the file starts with ${hex(magic)}, expected ${hex(expected)} (IDX, uint8, ${dimensions}-dimensional)`,
    );
  }
  const shape = Array.from({ length: dimensions }, (_, axis) => header.readUInt32BE(4 + 4 * axis));
  if (shape.includes(0)) throw corrupt(path, `the header says ${shape.join(' x ')} values, expected at least one`);
  return shape;
}

function checkSize(path: string, shape: readonly number[], headerBytes: number, found: number): void {
  const expected = headerBytes + shape.reduce((product, size) => product * size, 1);
  if (found === expected) return;
  const kind = found < expected ? 'truncated' : 'too long';
  throw corrupt(path, `the file is ${kind}: ${found} bytes, expected ${expected} for ${shape.join(' x ')} values`);
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, '0')}`;
}
