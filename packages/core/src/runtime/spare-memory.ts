import type { Job, Outcome } from './job.js';

/**
 * Memory of results that nobody needs any more, for those to come: a round of many small clients would spend more time on
 * new memory, and on collecting it, than on sums. It goes with a request to the worker, and comes back with the reply.
 */
export interface SpareMemory {
  /** Arrays for what a job is to give, by name, as far as there are any. */
  take(job: Pick<Job, 'carried' | 'result'>): Readonly<Record<string, Float32Array>>;
  /** Takes the arrays of an outcome, at which nothing looks any more. */
  give(outcome: Pick<Outcome, 'carried'>): void;
}

export function createSpareMemory(): SpareMemory {
  /** By length. */
  const idle = new Map<number, Float32Array[]>();
  return {
    take({ carried, result }) {
      const taken = (result?.names ?? []).flatMap((name) => {
        const array = idle.get(carried[name]?.data.length ?? 0)?.pop();
        return array === undefined ? [] : [[name, array] as const];
      });
      return Object.fromEntries(taken);
    },
    give({ carried }) {
      for (const { data } of Object.values(carried)) {
        const others = idle.get(data.length);
        if (others === undefined) idle.set(data.length, [data]);
        else others.push(data);
      }
    },
  };
}
