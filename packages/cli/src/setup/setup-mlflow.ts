/** Installs MLflow in a virtual environment of its own in the user's cache. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFedxError } from '@fedx/core';
import { userCache } from '@fedx/core/host';
import { withLock } from './lock.js';
import { noPython, noVenv, oldPython } from './prerequisites.js';
import { exists, once, runProgram, type SetupContext } from './step.js';

/** The MLflow that is taken unless another is asked for: the newest that fedx is tested with. */
export const MLFLOW_VERSION = '3.17.2';

export interface MlflowSetup {
  /** `major.minor.patch`. */
  readonly version: string;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** What a setup left. */
export interface MlflowReport {
  readonly version: string;
  readonly folder: string;
  /** The command `mlflow`. */
  readonly program: string;
}

/** Where the versions lie, a folder each. */
export function mlflowFolder(cache: string = userCache()): string {
  return join(cache, 'mlflow');
}

/** The command `mlflow` of a folder; undefined where no setup came to its end. */
export async function programIn(folder: string): Promise<string | undefined> {
  return (await exists(join(folder, COMPLETE))) ? join(folder, 'bin', 'mlflow') : undefined;
}

/** Written when all else is there: an environment cannot be moved, so that it is built where it stays. */
const COMPLETE = 'complete';

/**
 * Sets MLflow up; `fedx ui` finds it once its command ran. Goes on where an earlier setup of the same version ended.
 * Throws FEDX_SETUP_PREREQUISITE, FEDX_SETUP_FAILED and FEDX_RUN_INTERRUPTED.
 */
export async function setupMlflow({ version, signal, onProgress }: MlflowSetup): Promise<MlflowReport> {
  const folder = join(mlflowFolder(), version);
  await mkdir(folder, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    const program = (await programIn(folder)) ?? (await build({ folder, signal, onProgress }, version));
    return { version, folder, program };
  });
}

async function build(context: SetupContext, version: string): Promise<string> {
  const { folder, signal } = context;
  const python = join(folder, 'bin', 'python');
  await once(context, 'Python environment', async () => {
    const ask = (step: string, script: string, missing: typeof noPython): Promise<string> =>
      runProgram(context, step, ['python3', '-c', script], noPython).catch((error: unknown) => {
        throw !signal.aborted && isFedxError(error) && error.code === 'FEDX_SETUP_FAILED' ? missing : error;
      });
    await ask('Python', 'import sys; sys.exit(sys.version_info < (3, 10))', oldPython);
    await ask('Python modules', 'import ensurepip, venv', noVenv);
    await runProgram(context, 'Python environment', ['python3', '-m', 'venv', '--clear', folder], noPython);
  });
  const what = `MLflow ${version}`;
  const pip = [python, '-m', 'pip', 'install', '--no-input', '--progress-bar', 'off'] as const;
  await once(context, what, async () => {
    await runProgram(context, what, [...pip, `mlflow==${version}`], noPython);
  });
  const program = join(folder, 'bin', 'mlflow');
  await once(context, `${what} answers`, async () => {
    await runProgram(context, `${what} answers`, [program, '--version'], noPython);
  });
  await writeFile(join(folder, COMPLETE), `mlflow==${version}\n`);
  return program;
}
