import { type Initialiser, initialisers, type Tensor, type Tensor4D, type Tf } from '@fedx/core';
import { type Layer, parameterOf, stateless } from './layer.js';

/** What group normalisation adds to a variance. */
const EPSILON = 1e-5;

export interface ConvOptions {
  readonly size: number;
  readonly inputs: number;
  readonly filters: number;
  readonly stride?: number;
  readonly padding?: 'same' | 'valid';
  readonly bias?: boolean;
  readonly initialiser?: Initialiser;
}

/** A 2-D convolution of images `[batch, height, width, inputs]`; its kernel is `[size, size, inputs, filters]`. */
export function conv(
  name: string,
  {
    size,
    inputs,
    filters,
    stride = 1,
    padding = 'same',
    bias = true,
    initialiser = initialisers.glorotUniform,
  }: ConvOptions,
): Layer {
  const kernel = `${name}/kernel`;
  const offset = `${name}/bias`;
  return {
    parameters: {
      [kernel]: { shape: [size, size, inputs, filters], initialiser },
      ...(bias && { [offset]: { shape: [filters], initialiser: initialisers.filled(0) } }),
    },
    apply(x, call) {
      const { tf } = call;
      const made = tf.conv2d(x as Tensor4D, parameterOf(call, kernel) as Tensor4D, stride, padding);
      return bias ? tf.add(made, parameterOf(call, offset)) : made;
    },
  };
}

/** The largest of each `size` x `size` window; windows do not overlap. */
export function maxPool(size: number, padding: 'same' | 'valid' = 'valid'): Layer {
  return stateless((x, { tf }) => tf.maxPool(x as Tensor4D, size, size, padding));
}

/** The mean over all pixels: `[batch, channels]`. */
export function globalAveragePool(): Layer {
  return stateless((x, { tf }) => tf.mean(x, [1, 2]));
}

/** Group normalisation (Wu and He 2018, equations 1 to 7): over an image's pixels and a group of channels; epsilon 1e-5. */
export function groupNorm(name: string, channels: number, groups: number): Layer {
  const [scale, offset] = [`${name}/scale`, `${name}/offset`];
  return {
    parameters: {
      [scale]: { shape: [channels], initialiser: initialisers.filled(1) },
      [offset]: { shape: [channels], initialiser: initialisers.filled(0) },
    },
    apply(x, call) {
      const { tf } = call;
      const [batch = 0, height = 0, width = 0] = x.shape;
      const grouped = tf.reshape(x, [batch, height * width, groups, channels / groups]);
      const normal = tf.reshape(normalise(tf, grouped, [1, 3]), x.shape);
      return tf.add(tf.mul(normal, parameterOf(call, scale)), parameterOf(call, offset));
    },
  };
}

/**
 * `(x - mean) / sqrt(variance + epsilon)` over `axes`. The gradient in terms of the result is a third of the operations that
 * follow from those of the mean and the variance (Ioffe and Szegedy 2015, section 3, summed up).
 */
function normalise(tf: Tf, x: Tensor, axes: number[]): Tensor {
  const mean = (values: Tensor): Tensor => tf.mean(values, axes, true);
  const normal = tf.customGrad((input, save) => {
    const centred = tf.sub(input as Tensor, mean(input as Tensor));
    const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), EPSILON));
    const value = tf.mul(centred, inverse);
    (save as (kept: Tensor[]) => void)([value, inverse]);
    return {
      value,
      gradFunc: (dy, [y = value, scale = inverse]) => {
        const along = tf.mul(y, mean(tf.mul(dy, y)));
        return tf.mul(tf.sub(tf.sub(dy, mean(dy)), along), scale);
      },
    };
  });
  return normal(x);
}
