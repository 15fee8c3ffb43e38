import { setFlagsFromString } from 'node:v8';

/** Works that are under way. */
let works = 0;

/**
 * Does work whose code runs through once, as a compiler's does: that V8 compiles it better meanwhile takes a third of the
 * processor's time, and as much longer where there is one core. What is hot when it has ended is optimised then.
 */
export async function withoutOptimising<Result>(work: () => Promise<Result>): Promise<Result> {
  works += 1;
  if (works === 1) setFlagsFromString('--no-opt');
  try {
    return await work();
  } finally {
    works -= 1;
    if (works === 0) setFlagsFromString('--opt');
  }
}
