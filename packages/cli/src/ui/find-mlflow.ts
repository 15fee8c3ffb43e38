import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { FedxError } from '@fedx/core';
import { MLFLOW_VERSION, mlflowFolder, programIn } from '../setup/setup-mlflow.js';

/** The command that starts MLflow: what `fedx setup mlflow` installed, `mlflow` where it is in the PATH, or `uvx`. Throws FEDX_UI_UNAVAILABLE. */
export async function findMlflow(path: string | undefined): Promise<readonly [string, ...string[]]> {
  const installed = await installedProgram();
  if (installed !== undefined) return [installed];
  const own = await programInPath('mlflow', path);
  if (own !== undefined) return [own];
  const uvx = await programInPath('uvx', path);
  if (uvx !== undefined) return [uvx, '--from', `mlflow==${MLFLOW_VERSION}`, 'mlflow'];
  throw new FedxError(
    'FEDX_UI_UNAVAILABLE',
    'There is no MLflow on this machine: neither mlflow nor uvx is in the PATH.',
    {
      hint: 'fedx setup mlflow installs it for fedx alone, in about a minute.',
    },
  );
}

/** The tested version before any other. */
async function installedProgram(): Promise<string | undefined> {
  const folder = mlflowFolder();
  const versions = await readdir(folder).catch(() => []);
  for (const version of [MLFLOW_VERSION, ...versions.toSorted().toReversed()]) {
    const program = await programIn(join(folder, version));
    if (program !== undefined) return program;
  }
  return undefined;
}

async function programInPath(name: string, path = ''): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const program = join(folder, name);
    if (await isProgram(program)) return program;
  }
  return undefined;
}

/** A folder of that name is none, although it can be entered. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
