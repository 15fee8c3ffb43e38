import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { type FileSystem, nodeFileSystem, writeFileAtomically } from '../runs/index.js';

/** A dataset's inputs in a file that every worker maps into memory, so that all share one copy. */
export interface PackedInputs {
  /** Folder of the file. */
  readonly directory: string;
  /** Name of the file in it: uint8 or little-endian float32, row-major `[examples, ...inputShape]`, no header. */
  readonly file: string;
}

/**
 * Writes the inputs to `<cache>/datasets/<digest>/inputs.u8` (bytes) or `inputs.f32` (float32), unless a run before did: the
 * digest names the content, and the file appears whole or not at all, so that a file of the right size is the right file.
 *
 * Throws FEDX_STORAGE_FAILED where the cache cannot be written.
 */
export async function packInputs(
  dataset: Dataset,
  cache: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<PackedInputs> {
  const directory = join(cache, 'datasets', dataset.digest);
  const { inputs } = dataset;
  const file = inputs instanceof Float32Array ? 'inputs.f32' : 'inputs.u8';
  const path = join(directory, file);
  if ((await sizeOf(path)) === inputs.byteLength) return { directory, file };
  try {
    fileSystem.makeDirectory(directory, { recursive: true });
    await writeFileAtomically(path, new Uint8Array(inputs.buffer, inputs.byteOffset, inputs.byteLength), fileSystem);
  } catch (cause) {
    throw notWritten(path, inputs.byteLength, cause);
  }
  return { directory, file };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    // Whatever keeps us from seeing the file keeps us from writing it too, and then says why.
    return undefined;
  }
}

function notWritten(path: string, bytes: number, cause: unknown): FedxError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const size = Math.ceil(bytes / 2 ** 20);
  return new FedxError('FEDX_STORAGE_FAILED', `The dataset cannot be kept in ${path}. ${reason}`, {
    place: { file: path },
    hint: `Set FEDX_CACHE to a folder that can be written and has ${size} MiB free.`,
    cause,
  });
}
