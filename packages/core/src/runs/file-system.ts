import * as fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * The few file operations that writing a run takes. A service, so that fault tests can fill a disk.
 * Failures are Node's own errors with an errno `code`.
 */
export interface FileSystem {
  /** Throws EEXIST where `path` exists, unless `recursive`, which also makes the folders above. */
  makeDirectory(path: string, options: { readonly recursive: boolean }): void;
  /** `wx` makes a new file and throws EEXIST where there is one; `r` reads; `r+` writes into a file that is there. */
  open(path: string, flags: 'wx' | 'r' | 'r+'): number;
  /** Writes at `position` and returns how many bytes it wrote, which may be fewer than asked. */
  write(descriptor: number, bytes: Uint8Array, position: number): number;
  truncate(descriptor: number, size: number): void;
  /** Resolves once everything written is on the medium (fsync). */
  sync(descriptor: number): Promise<void>;
  close(descriptor: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Removes a folder with all that is in it; one that is not there is no error. */
  removeFolder(path: string): void;
}

export const nodeFileSystem: FileSystem = {
  makeDirectory: (path, options) => void fs.mkdirSync(path, options),
  open: (path, flags) => fs.openSync(path, flags),
  write: (descriptor, bytes, position) => fs.writeSync(descriptor, bytes, 0, bytes.length, position),
  truncate: (descriptor, size) => fs.ftruncateSync(descriptor, size),
  sync: promisify(fs.fsync),
  close: (descriptor) => fs.closeSync(descriptor),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path),
  removeFolder: (path) => fs.rmSync(path, { recursive: true, force: true }),
};

/** Writes all of `bytes` at `position`. A disk that fills up writes a part first, and says why only when asked again. */
export function writeAll(fileSystem: FileSystem, descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    const count = fileSystem.write(descriptor, bytes.subarray(written), position + written);
    if (count === 0) throw Object.assign(new Error('the write made no progress'), { code: 'EIO' });
    written += count;
  }
}

/** Makes the names in a folder durable: a new or renamed file survives a power cut only after this. */
export async function syncDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  // Windows cannot open a folder, and needs no such call.
  if (process.platform === 'win32') return;
  const descriptor = fileSystem.open(path, 'r');
  try {
    await fileSystem.sync(descriptor);
  } finally {
    fileSystem.close(descriptor);
  }
}
