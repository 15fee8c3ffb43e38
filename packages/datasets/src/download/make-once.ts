import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FedxError } from '@fedx/core';

/** What a caller of {@link makeOnce} watches by. */
export interface Watch {
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** A line for the user. */
  readonly log: (message: string) => void;
}

/** A lock whose holder has not touched it for so long belongs to a process that died; its holder touches it twice as often. */
const STALE_MS = 10_000;
const POLL_MS = 200;

/**
 * Sees to it that `path`, a file or a folder, is there: where it is not, `make` makes it, in this process or in another
 * that asks for the same path, but only in one at a time. `make` must put `path` in place whole, by a rename. A process
 * that died while it held the lock `<path>.lock` is recognised by the age of the lock, and its work taken over.
 *
 * Throws FEDX_RUN_INTERRUPTED once the signal is aborted, FEDX_STORAGE_FAILED where the folder cannot be written, and
 * what `make` throws; then the next caller tries again.
 */
export async function makeOnce(
  path: string,
  { signal, log }: Watch,
  make: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await storing(path, () => mkdir(dirname(path), { recursive: true }));
  let waiting = false;
  while (!existsSync(path)) {
    throwIfInterrupted(signal);
    // Aborted where the lock is lost: this process was stopped for so long that another one took it over.
    const lost = new AbortController();
    const release = await acquire(path, () => {
      lost.abort();
    });
    if (release === undefined) {
      if (!waiting) log(`Waiting for another process that makes ${path}.`);
      waiting = true;
      await delay(POLL_MS, undefined, { signal }).catch(() => {
        throwIfInterrupted(signal);
      });
      continue;
    }
    try {
      if (!existsSync(path)) await make(AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (signal.aborted || !lost.signal.aborted) throw error;
    } finally {
      if (!lost.signal.aborted) await release();
    }
  }
}

/** Throws FEDX_RUN_INTERRUPTED where the signal is aborted. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new FedxError('FEDX_RUN_INTERRUPTED', 'The run was interrupted while it fetched its data.');
}

/** Does something to files; what the file system says becomes FEDX_STORAGE_FAILED about `path`. */
export async function storing<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FedxError('FEDX_STORAGE_FAILED', `${path} cannot be written. ${reason}`, {
      place: { file: path },
      hint: 'Set FEDX_CACHE to a folder that can be written and has room for the dataset.',
      cause,
    });
  }
}

/** The function that gives the lock back; undefined where someone else holds it. */
async function acquire(path: string, onCompromised: () => void): Promise<(() => Promise<void>) | undefined> {
  const { lock } = await import('proper-lockfile');
  try {
    return await lock(path, { realpath: false, stale: STALE_MS, update: STALE_MS / 2, onCompromised });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ELOCKED') return undefined;
    return storing(path, () => Promise.reject(cause instanceof Error ? cause : new TypeError(String(cause))));
  }
}
