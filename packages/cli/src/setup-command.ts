import { FedxError } from '@fedx/core';
import { setupTensorflow, TENSORFLOW_VERSION } from './setup/setup-tensorflow.js';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

export interface TensorflowSetupCommand {
  readonly version: string | undefined;
  readonly cuda: boolean;
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
}: TensorflowSetupCommand): Promise<void> {
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new FedxError('FEDX_USAGE', `--version must be major.minor.patch, got ${version}.`);
  const tensorflow = await setupTensorflow({
    version,
    cuda,
    signal,
    onProgress: (line) => {
      writeLine(terminal.stderr, line);
    },
  });
  if (mode === 'json') writeJson(terminal.stdout, { tensorflow });
  else
    writeLine(
      terminal.stdout,
      `TensorFlow ${tensorflow.version} is ready on ${tensorflow.devices.join(' and ')}: use it with engine.use=tensorflow.`,
    );
}
