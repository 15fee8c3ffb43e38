import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { XlaOptions } from '@fedx/compiler';
import { tensorflowEnvironment } from './environment.js';
import { type TensorflowBinding, unavailable } from './find-binding.js';

/** What a binding turns out to be once it is loaded. */
export interface TensorflowDescription {
  /** TensorFlow's own version. */
  readonly version: string;
  readonly devices: readonly ('CPU' | 'GPU')[];
}

/** Where TensorFlow computes: on a GPU if it sees one. */
export function deviceOf({ devices }: TensorflowDescription): 'CPU' | 'GPU' {
  return devices.at(-1) ?? 'CPU';
}

/** How XLA compiles loops there: on a GPU an operation takes longer to start than to run, so that all are compiled whole. */
export function xlaOf(description: TensorflowDescription): XlaOptions | undefined {
  return deviceOf(description) === 'GPU' ? { device: '/device:GPU:0', hasTables: false } : undefined;
}

const script = `
const addon = require(process.argv[1]);
process.stdout.write(JSON.stringify({ version: addon.TF_Version, devices: addon.isUsingGpuDevice() ? ['CPU', 'GPU'] : ['CPU'] }));
`;

/** Loads the binding in a process of its own, half a second. Throws FEDX_ENGINE_UNAVAILABLE where it does not load. */
export async function probeBinding(binding: TensorflowBinding): Promise<TensorflowDescription> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, binding.addon], {
      env: tensorflowEnvironment(binding),
      timeout: 60_000,
    });
    return JSON.parse(stdout) as TensorflowDescription;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw unavailable(`TensorFlow from ${binding.source} does not load. ${firstError(said)}`, error);
  }
}

/** The line of Node's report that says what went wrong. */
function firstError(text: string): string {
  return text.split('\n').find((line) => line.startsWith('Error: ')) ?? text.trim().split('\n').at(-1) ?? '';
}
