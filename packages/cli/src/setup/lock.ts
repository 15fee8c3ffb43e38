import { open, readFile, rm } from 'node:fs/promises';
import { FedxError } from '@fedx/core';

/**
 * Does `work` while no other process holds the file `path`. A lock whose process is gone is taken over. Throws what `busy`
 * makes of the process that is at it; default: FEDX_SETUP_FAILED.
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>, busy = otherSetup): Promise<Result> {
  await take(path, busy);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string, busy: typeof otherSetup): Promise<void> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const owner = Number(await readFile(path, 'utf8'));
    if (isAlive(owner)) throw busy(owner, path);
    await rm(path, { force: true });
    await take(path, busy);
  }
}

function otherSetup(owner: number, file: string): FedxError {
  return new FedxError('FEDX_SETUP_FAILED', `Another setup is at work (process ${owner}).`, {
    place: { file },
    hint: 'Wait until it ends, and start this one again if it failed.',
  });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
