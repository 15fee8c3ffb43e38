import { execFile } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FedxError } from '@fedx/core';

/** What the steps of a setup share. */
export interface SetupContext {
  /** The folder that is being filled; it stays when a setup ends early, and the next one goes on in it. */
  readonly folder: string;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** A line for whoever waits. */
  readonly onProgress: (line: string) => void;
}

/** Runs `work` unless an earlier setup finished it in this folder. */
export async function once(
  { folder, signal, onProgress }: SetupContext,
  step: string,
  work: () => Promise<void>,
): Promise<void> {
  const marker = join(folder, `${slug(step)}.done`);
  if (await exists(marker)) {
    onProgress(`${step}: done before`);
    return;
  }
  if (signal.aborted) throw interrupted();
  onProgress(`${step} …`);
  const start = performance.now();
  await work();
  await writeFile(marker, '');
  onProgress(`${step}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/**
 * Runs a program of a step to its end, keeps all that it prints in `<step>.log`, and returns its stdout. Throws
 * FEDX_SETUP_PREREQUISITE with `missing` where there is no such program, FEDX_SETUP_FAILED where it fails.
 */
export async function runProgram(
  { folder, signal }: SetupContext,
  step: string,
  [program, ...args]: readonly [string, ...string[]],
  missing: FedxError,
): Promise<string> {
  const log = join(folder, `${slug(step)}.log`);
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: folder, signal, maxBuffer: 2 ** 28 });
    await writeFile(log, stdout + stderr);
    return stdout;
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (!isExecError(error)) throw error;
    if (error.code === 'ENOENT') throw missing;
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    await writeFile(log, said);
    const last = said.trim().split('\n').slice(-6).join('\n');
    throw new FedxError('FEDX_SETUP_FAILED', `${step} failed: ${program} ended with ${error.code}.\n${last}`, {
      place: { file: log },
      cause: error,
    });
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function interrupted(): FedxError {
  return new FedxError(
    'FEDX_RUN_INTERRUPTED',
    'The setup was interrupted; nothing that was set up before has changed.',
    {
      hint: 'Start it again: it goes on where it stopped.',
    },
  );
}

function slug(step: string): string {
  return step.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function isExecError(error: unknown): error is Error & { code: string | number; stdout?: string; stderr?: string } {
  return error instanceof Error && 'code' in error;
}
