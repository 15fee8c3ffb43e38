import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isFedxError } from '@fedx/core';
import { corrupt } from '../idx/index.js';
import { makeOnce, storing, throwIfInterrupted, type Watch } from './make-once.js';

/**
 * The members of a tar archive, gzipped or not, that have one of these file names, in memory. Throws FEDX_DATA_CORRUPT
 * for an archive that is damaged or lacks one of them.
 */
export async function readTar(path: string, names: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  try {
    const { list } = await import('tar');
    await list({
      file: path,
      strict: true,
      onReadEntry: (entry) => {
        const name = basename(entry.path);
        if (!names.includes(name)) return;
        const chunks: Buffer[] = [];
        entry.on('data', (chunk: Buffer) => chunks.push(chunk));
        entry.on('end', () => found.set(name, Buffer.concat(chunks)));
      },
    });
  } catch (cause) {
    throw corrupt(path, `the archive cannot be unpacked: ${reasonOf(cause)}`, cause);
  }
  assertComplete(path, names, new Set(found.keys()));
  return found;
}

/**
 * A folder beside the zip archive that holds the members with these file names, unpacked once: `<archive>.<label>`.
 * It appears whole or not at all. Throws FEDX_DATA_CORRUPT for an archive that is damaged or lacks one of them,
 * FEDX_STORAGE_FAILED where the folder cannot be written, FEDX_RUN_INTERRUPTED once the signal is aborted.
 */
export async function unzipOnce(path: string, names: readonly string[], label: string, watch: Watch): Promise<string> {
  const folder = `${path}.${label}`;
  await makeOnce(folder, watch, async (signal) => {
    const temporary = await storing(folder, () => mkdtemp(join(dirname(folder), '.unpacking-')));
    try {
      await unzip(path, names, temporary, signal);
      await storing(folder, () => rename(temporary, folder));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
  return folder;
}

async function unzip(path: string, names: readonly string[], folder: string, signal: AbortSignal): Promise<void> {
  const found = new Set<string>();
  try {
    const { openPromise } = await import('yauzl');
    const archive = await openPromise(path, { lazyEntries: true });
    for await (const entry of archive.eachEntry()) {
      const name = basename(entry.fileName);
      if (!names.includes(name)) continue;
      const content = await archive.openReadStreamPromise(entry);
      await pipeline(content, (chunks: AsyncIterable<Uint8Array>) => write(join(folder, name), chunks), { signal });
      found.add(name);
    }
  } catch (cause) {
    throwIfInterrupted(signal);
    if (isFedxError(cause)) throw cause;
    throw corrupt(path, `the archive cannot be unpacked: ${reasonOf(cause)}`, cause);
  }
  assertComplete(path, names, found);
}

async function write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await storing(path, () => open(path, 'w'));
  try {
    for await (const chunk of chunks) await storing(path, () => file.writeFile(chunk));
  } finally {
    await file.close();
  }
}

function assertComplete(path: string, names: readonly string[], found: ReadonlySet<string>): void {
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw corrupt(path, `the archive holds no ${missing.join(', ')}`);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
