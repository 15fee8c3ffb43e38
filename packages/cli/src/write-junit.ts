import { access, constants, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FedxError, type RunReport } from '@fedx/core/host';
import { asFedxError } from './failure.js';
import { renderJunit, renderJunitError } from './views/junit.js';

/**
 * What `run` resolves to, once `file` says it as JUnit XML; where it rejects, `file` says that. An old file is removed
 * first, so that it never stands for this run. Throws FEDX_STORAGE_FAILED, where it can be known before the run starts.
 */
export async function withJunit(file: string, run: () => Promise<RunReport>): Promise<RunReport> {
  const path = resolve(file);
  await orStorageFailed(file, async () => {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
    await rm(path, { force: true });
  });
  const write = (xml: string): Promise<void> => orStorageFailed(file, () => writeFile(path, xml));
  let report: RunReport;
  try {
    report = await run();
  } catch (error) {
    await write(renderJunitError(asFedxError(error)));
    throw error;
  }
  await write(renderJunit(report));
  return report;
}

async function orStorageFailed(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FedxError('FEDX_STORAGE_FAILED', `The JUnit report ${file} cannot be written: ${reason}`, {
      place: { file },
      hint: 'Choose another path for --junit.',
      cause,
    });
  }
}
