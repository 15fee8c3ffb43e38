import type { Parameters, ParameterTensor } from '../contracts/index.js';

/** Below this many values a copy a message is cheaper than shared memory. */
const SMALLEST = 1024;

/** Shared memory that holds a tensor, and how many jobs look at it. */
interface Entry {
  source: ParameterTensor;
  readonly data: Float32Array;
  users: number;
}

/** Parameters in shared memory, for as long as they are not given back. */
export interface Lent {
  readonly parameters: Parameters;
  readonly giveBack: () => void;
}

/**
 * Puts tensors into shared memory, each tensor once: the global parameters of a round go to all its clients, and would
 * otherwise be copied for each of them by the thread that everyone waits for. Memory that no job looks at any more serves
 * for other tensors of its size: what is shared is not on any thread's heap, so that none would collect it in time.
 */
export function createTensorSharing(): (parameters: Parameters) => Lent {
  const held = new Map<ParameterTensor, Entry>();
  const idle = new Map<number, Entry[]>();

  function take(tensor: ParameterTensor): Entry {
    const known = held.get(tensor);
    const { length } = tensor.data;
    if (known !== undefined) {
      if (known.users === 0) idle.set(length, idle.get(length)?.filter((entry) => entry !== known) ?? []);
      known.users += 1;
      return known;
    }
    const free = idle.get(length)?.shift();
    if (free !== undefined) held.delete(free.source);
    const data = free?.data ?? new Float32Array(new SharedArrayBuffer(tensor.data.byteLength));
    data.set(tensor.data);
    const entry = { source: tensor, data, users: 1 };
    held.set(tensor, entry);
    return entry;
  }

  function giveBack(entry: Entry): void {
    entry.users -= 1;
    const { length } = entry.data;
    if (entry.users === 0) idle.set(length, [...(idle.get(length) ?? []), entry]);
  }

  return (parameters) => {
    const taken: Entry[] = [];
    const shared = Object.fromEntries(
      Object.entries(parameters).map(([name, tensor]) => {
        if (tensor.data.length < SMALLEST) return [name, tensor];
        const entry = take(tensor);
        taken.push(entry);
        return [name, { shape: tensor.shape, data: entry.data }];
      }),
    );
    return {
      parameters: shared,
      giveBack: () => {
        taken.splice(0).forEach(giveBack);
      },
    };
  };
}
