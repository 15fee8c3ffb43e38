import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FedxError } from '@fedx/core';
import { fetchFile, type Patience, sha256Of } from './fetch-file.js';
import { makeOnce, storing, throwIfInterrupted, type Watch } from './make-once.js';

/** A file that the world has. */
export interface Resource {
  /** Its path in the cache, below `downloads/`. */
  readonly name: string;
  /** Where to get it, in the order in which to ask. */
  readonly mirrors: readonly string[];
  /** SHA-256 of the whole file, hex. */
  readonly sha256: string;
  /** Its size. */
  readonly bytes: number;
}

export interface DownloadOptions extends Watch {
  /** The folder that is shared by runs. */
  readonly cache: string;
  readonly patience?: Patience;
}

const patient: Patience = { stallMs: 30_000, retryMs: 1000, attempts: 3 };

/**
 * Returns the path of the resource in the cache, `<cache>/downloads/<name>`, where a run before did not already put it
 * there after downloading it. Mirrors are asked in order, each up to three times where it fails in a way that may pass;
 * every attempt, of a later run too, goes on where the last one ended. The file gets its name once its SHA-256 is right,
 * so that nothing half-written or wrong is ever found under it. Of several processes one downloads, the others wait.
 *
 * Throws FEDX_DOWNLOAD_FAILED with what each mirror did, FEDX_RUN_INTERRUPTED once the signal is aborted (the part that
 * came is kept), and FEDX_STORAGE_FAILED where the cache cannot be written.
 */
export async function download(
  resource: Resource,
  { cache, patience = patient, ...watch }: DownloadOptions,
): Promise<string> {
  const path = join(cache, 'downloads', resource.name);
  await makeOnce(path, watch, (signal) => fetchFromMirrors(resource, path, { ...watch, signal }, patience));
  return path;
}

async function fetchFromMirrors(
  resource: Resource,
  path: string,
  { signal, log }: Watch,
  patience: Patience,
): Promise<void> {
  const part = `${path}.part`;
  const reasons: string[] = [];
  for (const url of resource.mirrors) {
    log(`Downloading ${resource.name} (${Math.ceil(resource.bytes / 1e6)} MB) from ${new URL(url).host}.`);
    const reason = await fetchFromMirror({ ...resource, url, part }, signal, patience);
    if (reason === undefined) {
      await storing(path, () => rename(part, path));
      return;
    }
    reasons.push(`${url}: ${reason}.`);
  }
  throw new FedxError('FEDX_DOWNLOAD_FAILED', `${resource.name} could not be downloaded. ${reasons.join(' ')}`, {
    place: { file: path },
    hint: 'Check the network and run again: what came is kept. Or fetch it on another machine and point dataset.path to its folder.',
  });
}

/** Why the mirror did not give the right file; undefined where it did. */
async function fetchFromMirror(
  target: Resource & { readonly url: string; readonly part: string },
  signal: AbortSignal,
  patience: Patience,
): Promise<string | undefined> {
  let reason = '';
  for (let attempt = 0; attempt < patience.attempts; attempt++) {
    if (attempt > 0) await pause(patience.retryMs * 2 ** (attempt - 1), signal);
    const outcome = await fetchFile(target, signal, patience);
    if (!outcome.whole) {
      reason = outcome.reason;
      if (outcome.again) continue;
      break;
    }
    const sha256 = await sha256Of(target.part);
    if (sha256 === target.sha256) return undefined;
    await storing(target.part, () => rm(target.part));
    reason = `its file has the SHA-256 ${sha256}, expected ${target.sha256}`;
    // The start may have come from another mirror.
    if (!outcome.resumed) break;
  }
  return reason;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    throwIfInterrupted(signal);
  }
}
