import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FedxError } from '../errors/index.js';
import type { SeedRequest } from '../spec/index.js';
import { writeFileAtomically } from './atomic-write.js';
import { type Clock, systemClock } from './clock.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';
import { claimLock, isLocked, type Lock, takeLock } from './lock.js';
import { claimId } from './run-id.js';
import { storageFailed } from './storage-error.js';

/** What `.fedx/invocations/<id>.json` holds: what one `fedx run` set out to do, and which runs came of it. */
export interface InvocationRecord {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The spec as it was asked for: where it lay, what stood in it, and the arguments. Enough to ask for it again. */
  readonly file: string;
  readonly text: string;
  readonly overrides: readonly string[];
  readonly seeds?: SeedRequest;
  /** The points of its sweep, in order; one where it has no sweep. */
  readonly points: readonly InvocationPoint[];
}

export interface InvocationPoint {
  /** What the sweep sets here, by path. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** SHA-256 of what decides the results, before `engine: auto` is decided. */
  readonly specHash: string;
  /** Ids of the point's runs in the order of their starts; of several, the earlier ones did not complete. */
  readonly runs: readonly string[];
  /** Code of the error with which the point failed before it had a run; absent again once it has one. */
  readonly failed?: string;
}

/** An invocation that this process works on. */
export interface Invocation {
  readonly id: string;
  /** Notes that the point (from 0) has a new run. Throws FEDX_STORAGE_FAILED. */
  addRun(point: number, run: string): Promise<void>;
  /** Notes that the point (from 0) failed before it had a run. Throws FEDX_STORAGE_FAILED. */
  addFailure(point: number, code: string): Promise<void>;
  /** Lets go of it. What has no run at all is forgotten. */
  close(): void;
}

export interface InvocationOptions {
  /** The file is `<directory>/.fedx/invocations/<id>.json`. */
  readonly directory: string;
  readonly clock?: Clock;
  readonly fileSystem?: FileSystem;
}

/** Where invocations lie. */
export function invocationsFolder(directory: string): string {
  return resolve(directory, '.fedx', 'invocations');
}

/** Begins an invocation. Throws FEDX_STORAGE_FAILED. */
export async function startInvocation(
  request: Omit<InvocationRecord, 'id' | 'time'>,
  { directory, clock = systemClock, fileSystem = nodeFileSystem }: InvocationOptions,
): Promise<Invocation> {
  const folder = invocationsFolder(directory);
  const time = clock();
  let lock: Lock | undefined;
  try {
    fileSystem.makeDirectory(folder, { recursive: true });
    const id = claimId(request.name, time, folder, (free) => {
      lock = claimLock(lockFile(folder, free), fileSystem);
    });
    const record = { id, time, ...request };
    await writeRecord(folder, record, fileSystem);
    return workOn(folder, record, lock, fileSystem);
  } catch (error) {
    lock?.release();
    throw storageFailed('create', folder, error);
  }
}

/**
 * Takes up an invocation again, and reads its record once nobody else can change it. Throws FEDX_RUN_BUSY where a process
 * works on it, and FEDX_STORAGE_FAILED.
 */
export function resumeInvocation(
  id: string,
  { directory, fileSystem = nodeFileSystem }: InvocationOptions,
): { readonly record: InvocationRecord; readonly invocation: Invocation } {
  const folder = invocationsFolder(directory);
  const file = lockFile(folder, id);
  const busy = (holder: string): FedxError =>
    new FedxError('FEDX_RUN_BUSY', `The invocation ${id} is running${holder}.`, { place: { file } });
  let lock: Lock | undefined;
  try {
    lock = takeLock(file, busy, fileSystem);
    const record = readInvocation(directory, id);
    return { record, invocation: workOn(folder, record, lock, fileSystem) };
  } catch (error) {
    lock?.release();
    throw storageFailed('write', file, error);
  }
}

/** The record of an invocation. Throws FEDX_STORAGE_FAILED where it cannot be read or is none. */
export function readInvocation(directory: string, id: string): InvocationRecord {
  const path = recordFile(invocationsFolder(directory), id);
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isRecord(record)) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw storageFailed('read', path, error);
  }
  throw new FedxError('FEDX_STORAGE_FAILED', `${path} is not the record of an invocation.`, { place: { file: path } });
}

/** Whether a process works on the invocation. */
export function isInvocationRunning(directory: string, id: string): boolean {
  return isLocked(lockFile(invocationsFolder(directory), id));
}

function workOn(folder: string, start: InvocationRecord, lock: Lock | undefined, fileSystem: FileSystem): Invocation {
  let record = start;
  let writing: Promise<void> = Promise.resolve();

  async function change(point: number, to: (before: InvocationPoint) => InvocationPoint): Promise<void> {
    record = { ...record, points: record.points.map((each, index) => (index === point ? to(each) : each)) };
    // One after the other: what was noted last is what stays.
    const own = writing.then(() => writeRecord(folder, record, fileSystem));
    writing = own.catch(() => undefined);
    await own;
  }

  return {
    id: record.id,
    addRun: (point, run) => change(point, ({ failed: _, ...each }) => ({ ...each, runs: [...each.runs, run] })),
    addFailure: (point, code) => change(point, (each) => ({ ...each, failed: code })),
    close() {
      if (record.points.every(({ runs }) => runs.length === 0)) forget(recordFile(folder, record.id), fileSystem);
      lock?.release();
    },
  };
}

function writeRecord(folder: string, record: InvocationRecord, fileSystem: FileSystem): Promise<void> {
  return writeFileAtomically(recordFile(folder, record.id), `${JSON.stringify(record, null, 1)}\n`, fileSystem);
}

function forget(path: string, fileSystem: FileSystem): void {
  try {
    fileSystem.remove(path);
  } catch {
    // An invocation without runs does no harm, and `fedx runs gc` removes it.
  }
}

function recordFile(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

function lockFile(folder: string, id: string): string {
  return join(folder, `${id}.lock`);
}

/** Whether a file that lies there is one of ours; others may put theirs beside it. */
function isRecord(value: unknown): value is InvocationRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { id, file, text, overrides, points } = value as Partial<Record<keyof InvocationRecord, unknown>>;
  return (
    [id, file, text].every((each) => typeof each === 'string') &&
    Array.isArray(overrides) &&
    Array.isArray(points) &&
    points.every((point: { readonly runs?: unknown } | null) => Array.isArray(point?.runs))
  );
}
