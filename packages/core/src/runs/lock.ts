import { readFileSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import type { FedxError } from '../errors/index.js';
import { type FileSystem, nodeFileSystem, writeAll } from './file-system.js';

/** Says that a process works on something; others leave it alone meanwhile. */
export interface Lock {
  release(): void;
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the machine and the process started, where the system tells: a pid alone may be that of another by now. */
  readonly started?: string;
}

/** The holder touches the file so often, in milliseconds. */
const BEAT = 10_000;

/** A lock whose holder cannot be looked at and that was not touched for so long was left behind. */
const STALE = 60_000;

/** What to throw where a lock is held: `holder` says by whom, as ` in process 7 on host`, or is empty where nobody can tell. */
export type Busy = (holder: string) => FedxError;

/** Takes the lock `path`, a file; one that a process left behind is taken over. Throws what `busy` makes, else what the file system throws. */
export function takeLock(path: string, busy: Busy, fileSystem: FileSystem = nodeFileSystem): Lock {
  const held = (): FedxError => busy(holderText(path));
  if (isLocked(path)) throw held();
  // Of several that find the same lock left behind one removes it, and looks again before it does.
  const guard = `${path}.takeover`;
  if (lookAt(guard) === 'left-behind') removeQuietly(guard, fileSystem);
  let taking: Lock;
  try {
    taking = claimLock(guard, fileSystem);
  } catch (error) {
    throw isTaken(error) ? held() : error;
  }
  try {
    if (isLocked(path)) throw held();
    removeQuietly(path, fileSystem);
    return claimLock(path, fileSystem);
  } finally {
    taking.release();
  }
}

/** Takes a lock that nobody can have yet. Throws EEXIST where somebody has. */
export function claimLock(path: string, fileSystem: FileSystem = nodeFileSystem): Lock {
  const descriptor = fileSystem.open(path, 'wx');
  try {
    writeAll(fileSystem, descriptor, Buffer.from(JSON.stringify(self())), 0);
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

/** Whether a living process holds the lock `path`. */
export function isLocked(path: string, now: number = Date.now()): boolean {
  return lookAt(path, now) === 'held';
}

/**
 * On this host the process decides, by its pid and its start; a process that sleeps is alive. Of other hosts, and of a
 * holder that cannot be read, the last touch decides.
 */
function lookAt(path: string, now: number = Date.now()): 'free' | 'held' | 'left-behind' {
  let isHeld: boolean;
  try {
    isHeld = now - statSync(path).mtimeMs <= STALE;
  } catch {
    return 'free';
  }
  const holder = readHolder(path);
  if (holder?.host === hostname()) isHeld = isAlive(holder.pid) && isSameProcess(holder);
  return isHeld ? 'held' : 'left-behind';
}

function isSameProcess({ pid, started }: Holder): boolean {
  return started === undefined || started === startOf(pid);
}

function self(): Holder {
  const started = startOf(process.pid);
  return { pid: process.pid, host: hostname(), ...(started !== undefined && { started }) };
}

/** The boot of the machine and the start of a process in it, as Linux tells them; undefined elsewhere. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name of the program, in parentheses, may hold anything; starttime is field 22 (proc(5)), the 20th behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return `${boot} ${fields?.[19] ?? ''}`;
  } catch {
    return undefined;
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

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
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
