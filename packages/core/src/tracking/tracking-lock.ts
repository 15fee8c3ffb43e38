import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FedxError, isFedxError } from '../errors/index.js';
import { storageFailed } from '../runs/index.js';

/** Gives a lock back. */
export type Release = () => Promise<void>;

interface Holder {
  readonly process: number;
  readonly host: string;
  /** Tells this lock from a later one of the same process. */
  readonly id: string;
}

/** How long somebody who waits for a lock waits from one look to the next, in milliseconds. */
const LOOK = 50;

/**
 * Makes this one the only one that sends what `name` says, such as a run's address on a server. A lock whose process on
 * this machine is gone is taken over; for one that lives, `wait` waits until the signal says enough. Throws
 * FEDX_TRACKING_BUSY, FEDX_STORAGE_FAILED, or the reason of the signal.
 */
export async function lockTracking(
  folder: string,
  name: string,
  { signal, wait = false }: { readonly signal?: AbortSignal; readonly wait?: boolean } = {},
): Promise<Release> {
  const file = join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 12)}.lock`);
  const holder: Holder = { process: process.pid, host: hostname(), id: randomUUID() };
  try {
    await mkdir(folder, { recursive: true });
    while (!(await take(file, holder))) {
      try {
        await removeStale(file);
      } catch (error) {
        if (!wait || !isFedxError(error)) throw error;
        await sleep(LOOK, undefined, { signal });
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw storageFailed('create', file, error);
  }
  return async () => {
    if ((await holderOf(file))?.id === holder.id) await rm(file, { force: true });
  };
}

/** A link appears with all of its content or not at all, and never over one that is there. */
async function take(file: string, holder: Holder): Promise<boolean> {
  const written = `${file}.${holder.id}`;
  await writeFile(written, JSON.stringify(holder));
  try {
    await link(written, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(written, { force: true });
  }
}

/** Of two processes that find the same stale lock, one gets to move it away; throws where the holder lives. */
async function removeStale(file: string): Promise<void> {
  const holder = await holderOf(file);
  if (holder !== undefined && isAlive(holder)) {
    throw new FedxError(
      'FEDX_TRACKING_BUSY',
      `Process ${holder.process} on ${holder.host} is sending the same to the same server.`,
      { place: { file } },
    );
  }
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { force: true });
}

/** Undefined where there is no lock, or one that a power cut left empty. */
async function holderOf(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** Whether a process lives can be seen on its own machine only; elsewhere it is taken to. */
function isAlive({ host, process: id }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
