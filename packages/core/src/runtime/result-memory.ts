import type { Job } from './job.js';

/**
 * Memory that results are written to, and that serves others once they are released: a round of many small clients would
 * spend more time on new memory, on moving it between threads and on collecting it, than on sums.
 */
export interface ResultMemory<Piece> {
  /** A piece for each value that a job is to give, by name, where there is room. */
  take(job: Pick<Job, 'carried' | 'result'>): Readonly<Record<string, Piece>>;
  /** Takes pieces back at which nothing looks any more. */
  give(pieces: Readonly<Record<string, Piece>>): void;
}

/** `allocate` gives a piece for so many values; undefined where there is no room. */
export function createResultMemory<Piece extends { readonly length: number }>(
  allocate: (length: number) => Piece | undefined,
): ResultMemory<Piece> {
  /** By length. */
  const idle = new Map<number, Piece[]>();
  return {
    take({ carried, result }) {
      const taken = (result?.names ?? []).flatMap((name) => {
        const length = carried[name]?.data.length ?? 0;
        const piece = idle.get(length)?.pop() ?? allocate(length);
        return piece === undefined ? [] : [[name, piece] as const];
      });
      return Object.fromEntries(taken);
    },
    give(pieces) {
      for (const piece of Object.values(pieces)) {
        const others = idle.get(piece.length);
        if (others === undefined) idle.set(piece.length, [piece]);
        else others.push(piece);
      }
    },
  };
}
