import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FedxError, isFedxError } from '../errors/index.js';
import { type Lock, storageFailed, takeLock } from '../runs/index.js';

/** How long somebody who waits for a lock waits from one look to the next, in milliseconds. */
const LOOK = 50;

/**
 * Makes this one the only one that sends what `name` says, such as a run's address on a server; `wait` waits for who does
 * until the signal says enough. Throws FEDX_TRACKING_BUSY, FEDX_STORAGE_FAILED, or the reason of the signal.
 */
export async function lockTracking(
  folder: string,
  name: string,
  { signal, wait = false }: { readonly signal?: AbortSignal; readonly wait?: boolean } = {},
): Promise<Lock> {
  const file = join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 12)}.lock`);
  const busy = (holder: string): FedxError =>
    new FedxError('FEDX_TRACKING_BUSY', `The same is being sent to the same server${holder}.`, { place: { file } });
  try {
    await mkdir(folder, { recursive: true });
    for (;;) {
      try {
        return takeLock(file, busy);
      } catch (error) {
        if (!wait || !isFedxError(error)) throw error;
        await sleep(LOOK, undefined, { signal });
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw storageFailed('create', file, error);
  }
}
