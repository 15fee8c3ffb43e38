import type { Random } from '../random/index.js';

/** A stream that remembers whether anybody drew from it, or from a stream below it. */
export interface WatchedRandom {
  readonly random: Random;
  readonly hasDrawn: () => boolean;
}

/** Watches `random`; the numbers are the same. Whoever reaches for a function that draws has drawn. */
export function watchRandom(random: Random): WatchedRandom {
  let drawn = false;
  const watch = (stream: Random): Random =>
    new Proxy(stream, {
      get(target, member: keyof Random) {
        if (member === 'at') return (...path: readonly (string | number)[]) => watch(target.at(...path));
        if (member !== 'key') drawn = true;
        return target[member];
      },
    });
  return { random: watch(random), hasDrawn: () => drawn };
}
