import type { Job } from './job.js';

/**
 * Shared memory that results are written to, and that serves others once they are released: a round of many small clients
 * would spend more time on new memory, on moving it between threads and on collecting it, than on sums.
 */
export interface ResultMemory {
  /** Arrays for what a job is to give, by name. */
  take(job: Pick<Job, 'carried' | 'result'>): Readonly<Record<string, Float32Array>>;
  /** Takes arrays back at which nothing looks any more. */
  give(arrays: Readonly<Record<string, Float32Array>>): void;
}

export function createResultMemory(): ResultMemory {
  /** By length. */
  const idle = new Map<number, Float32Array[]>();
  return {
    take({ carried, result }) {
      const taken = (result?.names ?? []).map((name) => {
        const length = carried[name]?.data.length ?? 0;
        return [name, idle.get(length)?.pop() ?? inSharedMemory(length)] as const;
      });
      return Object.fromEntries(taken);
    },
    give(arrays) {
      for (const array of Object.values(arrays)) {
        const others = idle.get(array.length);
        if (others === undefined) idle.set(array.length, [array]);
        else others.push(array);
      }
    },
  };
}

function inSharedMemory(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}
