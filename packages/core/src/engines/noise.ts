import type { Noise } from '@fedx/compiler';
import { createRandom, type Random, randomFromKey } from '../random/index.js';
import type { Schedule } from '../runtime/index.js';

/** Longest window, and the number of places where one can start. */
const WINDOW = 0x10000;

/** Of one step: where each window of noise starts, two a draw. */
export type StepKeys = (step: number, draws: number) => Int32Array;

let tables: Noise['tables'] | undefined;

/** The tables that all programs share, drawn where one needs them: random multiples of 2^-23 in `[0, 1)`. */
export const sharedNoise: Noise = {
  window: WINDOW,
  get tables() {
    tables ??= [table('first'), table('second')];
    return tables;
  },
};

function table(name: string): Float32Array {
  const random = createRandom(0).at('noise', name);
  const values = new Float32Array(2 * WINDOW);
  for (let i = 0; i < values.length; i++) values[i] = (random.uint32() >>> 9) * 2 ** -23;
  return values;
}

/** Keys by the schedule's stream and the step alone. */
export function stepKeys({ shuffleKey }: Schedule): StepKeys {
  let stream: Random | undefined;
  return (step, draws) => {
    const keys = new Int32Array(2 * draws);
    if (shuffleKey === undefined || draws === 0) return keys;
    stream ??= randomFromKey(shuffleKey).at('noise');
    const random = stream.at(step);
    for (let i = 0; i < keys.length; i++) keys[i] = random.integer(WINDOW);
    return keys;
  };
}
