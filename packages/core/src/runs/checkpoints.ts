/** Checkpoints of an arm: folders that are there whole or not at all, and that know whether they still are what was written. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileSystem, nodeFileSystem, syncDirectory, writeAll } from './file-system.js';
import { storageFailed } from './storage-error.js';

/** What an arm was after one of its steps. */
export interface Checkpoint {
  readonly step: number;
  /** Seconds that the arm had taken. */
  readonly seconds: number;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** What `manifest.json` says of the files beside it; `sha256` is that of the rest of the manifest. */
interface Manifest {
  readonly version: 1;
  readonly step: number;
  readonly seconds: number;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/** What was found of an arm's checkpoints. */
export interface FoundCheckpoint {
  readonly checkpoint?: Checkpoint;
  /** Newer ones that are not whole, and why. */
  readonly damaged: readonly string[];
}

const MANIFEST = 'manifest.json';

/**
 * Writes a checkpoint into `directory` (`round-000100`), in which the last `keep` stay: the files first, then a rename
 * of their folder, each on the medium before the next. Throws FEDX_STORAGE_FAILED; the checkpoints before are then as
 * they were.
 */
export async function saveCheckpoint(
  directory: string,
  { step, seconds, files }: Checkpoint,
  keep: number,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const name = nameOf(step);
  const temporary = join(directory, `.${name}.${randomBytes(4).toString('hex')}.tmp`);
  const manifest: Manifest = {
    version: 1,
    step,
    seconds,
    files: Object.fromEntries(
      Object.entries(files).map(([file, content]) => [file, { bytes: content.length, sha256: sha256(content) }]),
    ),
  };
  const sealed = { ...manifest, sha256: sha256(JSON.stringify(manifest)) };
  try {
    fileSystem.makeDirectory(temporary, { recursive: true });
    try {
      for (const [file, content] of Object.entries(files)) await writeFile(fileSystem, join(temporary, file), content);
      await writeFile(fileSystem, join(temporary, MANIFEST), Buffer.from(JSON.stringify(sealed)));
      await syncDirectory(fileSystem, temporary);
      // One that a resumed run found damaged, and made again.
      fileSystem.removeFolder(join(directory, name));
      fileSystem.rename(temporary, join(directory, name));
    } catch (error) {
      removeQuietly(fileSystem, temporary);
      throw error;
    }
    await syncDirectory(fileSystem, directory);
    await syncDirectory(fileSystem, dirname(directory));
  } catch (error) {
    throw storageFailed('write', join(directory, name), error);
  }
  const old = namesIn(directory).filter((other) => other !== name && stepOf(other) !== undefined);
  for (const other of old.slice(0, Math.max(0, old.length - (keep - 1)))) {
    removeQuietly(fileSystem, join(directory, other));
  }
}

/** The newest whole checkpoint in `directory` that is not past step `upTo`. */
export function findCheckpoint(directory: string, upTo: number): FoundCheckpoint {
  const damaged: string[] = [];
  for (const name of namesIn(directory).toReversed()) {
    const step = stepOf(name);
    if (step === undefined || step > upTo) continue;
    const found = readCheckpoint(join(directory, name), step);
    if (typeof found === 'object') return { checkpoint: found, damaged };
    damaged.push(`${name}: ${found}`);
  }
  return { damaged };
}

/** A checkpoint, or why it is none. */
function readCheckpoint(folder: string, step: number): Checkpoint | string {
  const manifest = readManifest(join(folder, MANIFEST));
  if (typeof manifest === 'string') return manifest;
  if (manifest.step !== step) return `it is of step ${manifest.step}`;
  const files: Record<string, Uint8Array> = {};
  for (const [name, { bytes, sha256: expected }] of Object.entries(manifest.files)) {
    const content = readBytes(join(folder, name));
    if (content === undefined) return `${name} is missing`;
    if (content.length !== bytes) return `${name} has ${content.length} of ${bytes} bytes`;
    if (sha256(content) !== expected) return `${name} has changed`;
    files[name] = content;
  }
  return { step, seconds: manifest.seconds, files };
}

function readManifest(path: string): Manifest | string {
  const bytes = readBytes(path);
  if (bytes === undefined) return `${MANIFEST} is missing`;
  try {
    const { sha256: expected, ...manifest } = JSON.parse(bytes.toString('utf8')) as Manifest & { sha256?: string };
    if (sha256(JSON.stringify(manifest)) === expected) return manifest;
  } catch {
    // Text that is no JSON is as wrong as a number that is another.
  }
  return `${MANIFEST} has changed`;
}

async function writeFile(fileSystem: FileSystem, path: string, content: Uint8Array): Promise<void> {
  const descriptor = fileSystem.open(path, 'wx');
  try {
    writeAll(fileSystem, descriptor, content, 0);
    await fileSystem.sync(descriptor);
  } finally {
    fileSystem.close(descriptor);
  }
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Names in a folder, steps ascending. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted((a, b) => (stepOf(a) ?? -1) - (stepOf(b) ?? -1));
  } catch {
    return [];
  }
}

function nameOf(step: number): string {
  return `round-${String(step).padStart(6, '0')}`;
}

function stepOf(name: string): number | undefined {
  const [, digits] = /^round-(\d{6,})$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function removeQuietly(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.removeFolder(path);
  } catch {
    // What is left takes room and does no harm: it is no checkpoint, or an old one.
  }
}
