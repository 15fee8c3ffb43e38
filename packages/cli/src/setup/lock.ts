import { FedxError } from '@fedx/core';
import { takeLock } from '@fedx/core/host';

/**
 * Does `work` while no other process holds the file `path`. A lock whose process is gone is taken over. Throws what `busy`
 * makes of the process that is at it, given as ` in process 7 on host`; default: FEDX_SETUP_FAILED.
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  busy: (holder: string) => FedxError = (holder) => otherSetup(holder, path),
): Promise<Result> {
  const lock = takeLock(path, busy);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function otherSetup(holder: string, file: string): FedxError {
  return new FedxError('FEDX_SETUP_FAILED', `Another setup is at work${holder}.`, {
    place: { file },
    hint: 'Wait until it ends, and start this one again if it failed.',
  });
}
