import * as tf from '@tensorflow/tfjs';
import type { LoopDefinition } from '../../src/index.js';
import type { NamedValues, Values } from '../run-loop.js';

/** Shapes of a function's operands. */
export type Shapes = readonly (readonly number[])[];

/** One use of a tfjs kernel: what every engine that compiles it has to compute as eager tfjs does. */
export interface CorpusEntry {
  /** Name of the kernel that the function, or its gradient, calls. */
  readonly kernel: string;
  /** What is particular about this use, e.g. `stride 2, same padding`. */
  readonly title: string;
  readonly f: (...x: tf.Tensor[]) => tf.Tensor;
  /** One or more sets of operands to try. */
  readonly shapes: readonly Shapes[];
  /** Least and greatest value of an operand. Default -2 to 2. */
  readonly domain?: readonly [number, number];
  /** `tied`: multiples of a half, so that equal values meet. */
  readonly values?: 'spread' | 'tied';
  /** false where tfjs has no gradient, or a wrong one. Default true. */
  readonly differentiable?: boolean;
  /** Largest norm of the difference over the norm of what eager tfjs computes. Default 1e-5. */
  readonly tolerance?: number;
}

export const DEFAULT_TOLERANCE = 1e-5;

/** Operands of an entry: all values different from their neighbours', spread over the domain and away from its middle. */
export function operandsOf({ domain = [-2, 2], values = 'spread' }: CorpusEntry, shapes: Shapes): readonly Values[] {
  const [low, high] = domain;
  return shapes.map((shape, operand) => {
    const data = spread(shape, operand).map((place) => {
      const value = low + (high - low) * (place * 0.98 + 0.013);
      return values === 'tied' ? Math.round(2 * value) / 2 : value;
    });
    return { shape, data };
  });
}

/** Numbers in [0, 1), other ones for each operand. */
function spread(shape: readonly number[], operand: number): Float32Array {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return Float32Array.from({ length: size }, (_, i) => ((i + 1) * 0.618034 + operand * 0.277) % 1);
}

/** A number in which every element of `y` has a part of its own, so that no gradient vanishes by symmetry. */
function score(y: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(y, tf.add(y, tf.tensor(spread(y.shape, 5), y.shape))));
}

/** The operands as a loop carries them. */
export function carriedOf(entry: CorpusEntry, shapes: Shapes): NamedValues {
  return Object.fromEntries(operandsOf(entry, shapes).map((values, i) => [`x${i}`, values]));
}

/** A loop of one step that stacks the function's result, `y`, and its gradients, `gradient-0` and so on. */
export function loopOf({ f, differentiable = true }: CorpusEntry, shapes: Shapes): LoopDefinition {
  return {
    batchSize: 1,
    tables: [],
    carried: shapes.map((shape, i) => ({ name: `x${i}`, shape })),
    constants: [],
    step: ({ carried }) => {
      const x = shapes.map((_, i) => carried[`x${i}`] as tf.Tensor);
      const y = f(...x);
      const gradients = differentiable ? tf.grads((...values: tf.Tensor[]) => score(f(...values)))(x) : [];
      return {
        carried,
        stacked: { y, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient-${i}`, gradient])) },
      };
    },
  };
}
