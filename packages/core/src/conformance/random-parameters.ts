import type { Parameters } from '../contracts/index.js';
import { createRandom } from '../random/index.js';

/** Standard normal values in tensors of the given shapes; equal names and seeds give equal values. */
export function randomParameters(shapes: Readonly<Record<string, readonly number[]>>, seed = 1): Parameters {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const stream = createRandom(seed).at(name);
      const size = shape.reduce((product, axis) => product * axis, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => stream.normal()) }];
    }),
  );
}

/** Names and shapes, to be compared in one go. */
export function shapesOf(parameters: Parameters): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, shape]));
}
