import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type FileSystem, nodeFileSystem, syncDirectory, writeAll } from './file-system.js';
import { storageFailed } from './storage-error.js';

/**
 * Writes a file so that its name never stands for half of its content, whatever fails meanwhile: a temporary file
 * beside it, fsync, rename. The folder must exist. Throws FEDX_STORAGE_FAILED, and then `path` is as it was before.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const descriptor = fileSystem.open(temporary, 'wx');
    try {
      await fill(fileSystem, descriptor, content);
      fileSystem.rename(temporary, path);
    } catch (error) {
      removeQuietly(fileSystem, temporary);
      throw error;
    }
    await syncDirectory(fileSystem, dirname(path));
  } catch (error) {
    throw storageFailed('write', path, error);
  }
}

async function fill(fileSystem: FileSystem, descriptor: number, content: string | Uint8Array): Promise<void> {
  try {
    writeAll(fileSystem, descriptor, typeof content === 'string' ? Buffer.from(content) : content, 0);
    await fileSystem.sync(descriptor);
  } finally {
    fileSystem.close(descriptor);
  }
}

function removeQuietly(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.remove(path);
  } catch {
    // What matters to the user is why the file could not be written, not that its remains could not be removed.
  }
}
