import { FedxError } from '@fedx/core';
import { MLFLOW_VERSION, setupMlflow } from './setup/setup-mlflow.js';
import { setupTensorflow, TENSORFLOW_VERSION } from './setup/setup-tensorflow.js';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

export interface SetupCommand {
  readonly version: string | undefined;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Sets TensorFlow up, with progress on stderr. The JSON document is `{ tensorflow: { version, devices, folder } }`. */
export async function showTensorflowSetup({
  version = TENSORFLOW_VERSION,
  cuda,
  mode,
  terminal,
  signal,
}: SetupCommand & { readonly cuda: boolean }): Promise<void> {
  checkVersion(version);
  const tensorflow = await setupTensorflow({ version, cuda, signal, onProgress: progressTo(terminal) });
  if (mode === 'json') writeJson(terminal.stdout, { tensorflow });
  else
    writeLine(
      terminal.stdout,
      `TensorFlow ${tensorflow.version} is ready on ${tensorflow.devices.join(' and ')}: use it with engine.use=tensorflow.`,
    );
  const warning = cuda ? withoutGpu(tensorflow.devices) : undefined;
  if (warning !== undefined) writeLine(terminal.stderr, warning);
}

/** What to check where CUDA was asked for and TensorFlow sees no GPU; undefined where it sees one. */
export function withoutGpu(devices: readonly string[]): string | undefined {
  if (devices.some((device) => device.includes('GPU'))) return undefined;
  return [
    'warning: CUDA was asked for, but TensorFlow sees no GPU here: it computes on the CPU.',
    'Check that nvidia-smi lists a GPU, that its driver is new enough for CUDA 12.5, and that CUDA_VISIBLE_DEVICES hides none;',
    'in a container, that it was started with its GPUs. fedx doctor says which devices TensorFlow sees.',
  ].join('\n');
}

/** Installs MLflow, with progress on stderr. The JSON document is `{ mlflow: { version, folder, program } }`. */
export async function showMlflowSetup({
  version = MLFLOW_VERSION,
  mode,
  terminal,
  signal,
}: SetupCommand): Promise<void> {
  checkVersion(version);
  const mlflow = await setupMlflow({ version, signal, onProgress: progressTo(terminal) });
  if (mode === 'json') writeJson(terminal.stdout, { mlflow });
  else writeLine(terminal.stdout, `MLflow ${mlflow.version} is ready: fedx ui shows the runs of this folder in it.`);
}

function checkVersion(version: string): void {
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new FedxError('FEDX_USAGE', `--version must be major.minor.patch, got ${version}.`);
}

const progressTo =
  ({ stderr }: Terminal) =>
  (line: string): void => {
    writeLine(stderr, line);
  };
