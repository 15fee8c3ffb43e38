import type { Parameters, ParameterTensor } from '../contracts/index.js';

/** Below this many values a copy a message is cheaper than shared memory. */
const SMALLEST = 1024;

/**
 * Puts tensors into shared memory, each tensor once: the global parameters of a round go to all its clients, and would
 * otherwise be copied for each of them by the thread that everyone waits for.
 */
export function createTensorSharing(): (parameters: Parameters) => Parameters {
  const shared = new WeakMap<ParameterTensor, ParameterTensor>();

  function share(tensor: ParameterTensor): ParameterTensor {
    if (tensor.data.length < SMALLEST) return tensor;
    const known = shared.get(tensor);
    if (known !== undefined) return known;
    const data = new Float32Array(new SharedArrayBuffer(tensor.data.byteLength));
    data.set(tensor.data);
    const made = { shape: tensor.shape, data };
    shared.set(tensor, made);
    return made;
  }

  return (parameters) => Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, share(tensor)]));
}
