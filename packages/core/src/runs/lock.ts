import { readFileSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { FedxError } from '../errors/index.js';
import { type FileSystem, nodeFileSystem, writeAll } from './file-system.js';

/** Says that a process works on something; others leave it alone meanwhile. */
export interface Lock {
  release(): void;
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** The holder touches the file so often, in milliseconds. */
const BEAT = 10_000;

/** A lock that was not touched for so long was left behind, wherever its process ran. */
const STALE = 60_000;

/** Takes the lock `path`, a file; one that a process left behind is taken over. Throws FEDX_RUN_BUSY, else what the file system throws. */
export function takeLock(path: string, what: string, fileSystem: FileSystem = nodeFileSystem): Lock {
  if (isLocked(path)) {
    throw new FedxError('FEDX_RUN_BUSY', `${what} is running${holderText(path)}.`, { place: { file: path } });
  }
  removeQuietly(path, fileSystem);
  return claimLock(path, fileSystem);
}

/** Takes a lock that nobody can have yet. Throws EEXIST where somebody has. */
export function claimLock(path: string, fileSystem: FileSystem = nodeFileSystem): Lock {
  const descriptor = fileSystem.open(path, 'wx');
  try {
    const holder: Holder = { pid: process.pid, host: hostname() };
    writeAll(fileSystem, descriptor, Buffer.from(JSON.stringify(holder)), 0);
  } finally {
    fileSystem.close(descriptor);
  }
  const beat = setInterval(() => {
    touch(path);
  }, BEAT).unref();
  return {
    release() {
      clearInterval(beat);
      removeQuietly(path, fileSystem);
    },
  };
}

/** Whether a living process holds the lock `path`. Of other hosts the last touch decides, of this one the process as well. */
export function isLocked(path: string, now: number = Date.now()): boolean {
  try {
    if (now - statSync(path).mtimeMs > STALE) return false;
    const holder = readHolder(path);
    return holder?.host !== hostname() || isAlive(holder.pid);
  } catch {
    return false;
  }
}

/** Undefined where the file is torn: its process may just be writing it. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user cannot be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function holderText(path: string): string {
  const holder = readHolder(path);
  return holder === undefined ? '' : ` in process ${holder.pid} on ${holder.host}`;
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Somebody removed the folder under a run; the run itself says so when it writes.
  }
}

function removeQuietly(path: string, fileSystem: FileSystem): void {
  try {
    fileSystem.remove(path);
  } catch {
    // It is not there, or it goes stale by itself.
  }
}
