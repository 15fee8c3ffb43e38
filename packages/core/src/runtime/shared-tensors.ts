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

  /** What came last: the same record again is given as the same one, which a message holds once. */
  let last: { readonly of: Parameters; readonly shared: Parameters; readonly taken: readonly Entry[] } | undefined;

  return (parameters) => {
    const large = Object.entries(parameters).filter(([, { data }]) => data.length >= SMALLEST);
    const taken = large.map(([, tensor]) => take(tensor));
    let isGivenBack = false;
    if (last?.of !== parameters || !taken.every((entry, i) => entry === last?.taken[i])) {
      const shared = large.map(([name, { shape }], i) => [name, { shape, data: taken[i]?.data }]);
      last = { of: parameters, shared: { ...parameters, ...(Object.fromEntries(shared) as Parameters) }, taken };
    }
    return {
      parameters: last.shared,
      giveBack: () => {
        if (!isGivenBack) taken.forEach(giveBack);
        isGivenBack = true;
      },
    };
  };
}
