import { createRequire } from 'node:module';

/** A tensor that the addon holds. */
interface AddonTensor {
  readonly id: number;
  readonly shape: readonly number[];
}

/**
 * The native addon of tfjs-node 4.22: TensorFlow's C API as Node sees it (tfjs-node/binding/tfjs_binding.cc). Used
 * without the JavaScript around it, which would load all of tfjs, convert bytes at each call, and fail on Node 23.
 */
export interface TensorflowAddon {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  isUsingGpuDevice(): boolean;
  /** The array must not change until the tensor is deleted: TensorFlow reads it in place. */
  createTensor(shape: readonly number[], type: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  /** A copy. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  /** Tags and names are separated by commas. */
  loadSavedModel(directory: string, tags: string): number;
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly AddonTensor[];
}

/** Loads TensorFlow into this process, with the thread pools that its environment asks for. */
export function loadAddon(path: string): TensorflowAddon {
  return createRequire(import.meta.url)(path) as TensorflowAddon;
}
