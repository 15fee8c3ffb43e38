import type { Random } from '../random/index.js';

/** A stream that remembers whether anybody drew from it, or from a stream below it. */
export interface WatchedRandom {
  readonly random: Random;
  readonly hasDrawn: () => boolean;
}

/** Watches `random`; the numbers are the same. */
export function watchRandom(random: Random): WatchedRandom {
  let drawn = false;
  const watch = (stream: Random): Random => {
    const noted =
      <Args extends unknown[], Result>(draw: (...args: Args) => Result) =>
      (...args: Args): Result => {
        drawn = true;
        return draw(...args);
      };
    return {
      key: stream.key,
      at: (...path) => watch(stream.at(...path)),
      uint32: noted(stream.uint32),
      uniform: noted(stream.uniform),
      integer: noted(stream.integer),
      normal: noted(stream.normal),
      shuffle: (values) => {
        drawn = true;
        return stream.shuffle(values);
      },
    };
  };
  return { random: watch(random), hasDrawn: () => drawn };
}
