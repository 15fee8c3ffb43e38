import type * as tfjs from '@tensorflow/tfjs';
import type { LoopDefinition } from '../src/index.js';
import type { LoopInputs, NamedValues } from './run-loop.js';
import { imageTables, scattered } from './tables.js';

/** The first layer's matrix is large enough for its updates to be deferred. */
export const [BATCH, EXAMPLES, FEATURES, UNITS, CLASSES] = [6, 20, 560, 120, 3];

const values = (shape: readonly number[], from: number) => ({
  shape,
  data: Float32Array.from(
    { length: shape.reduce((size, axis) => size * axis, 1) },
    (_, i) => 0.1 * (scattered(i + from) - 0.5),
  ),
});

/** With examples in parts the first layer has as much fewer inputs as it has more units. */
export const carriedOf = (parts: number): NamedValues => ({
  wide: values([FEATURES / parts, UNITS * parts], 0),
  bias: values([UNITS * parts], 17),
  narrow: values([UNITS * parts, CLASSES], 29),
});
export const carried = carriedOf(1);

export interface TwoLayers extends Pick<LoopDefinition, 'isShort' | 'isSummed'> {
  /** Of the first layer's weights, in its gradient. Default: 0. */
  readonly decay?: number;
  readonly batchSize?: number;
  /** Parts of an example that go through the first layer each by itself, and are averaged behind it. Default: 1. */
  readonly parts?: number;
}

/** A step of stochastic gradient descent on two dense layers. */
export const twoLayers = ({ decay = 0, batchSize = BATCH, parts = 1, ...loop }: TwoLayers): LoopDefinition => ({
  ...loop,
  batchSize,
  tables: imageTables(EXAMPLES, [FEATURES / 4, 4], CLASSES),
  carried: Object.entries(carriedOf(parts)).map(([name, { shape }]) => ({ name, shape })),
  constants: [{ name: 'rate', shape: [] }],
  step({ tf, carried: now, constants, batch, weights }) {
    const names = Object.keys(carried);
    const losses = (w: Readonly<Record<string, tfjs.Tensor>>): tfjs.Tensor => {
      const x = tf.reshape(batch['inputs'] as tfjs.Tensor, [-1, FEATURES / parts]);
      const units = tf.relu(tf.add(tf.matMul(x, w['wide'] as tfjs.Tensor), w['bias'] as tfjs.Tensor));
      const hidden = parts === 1 ? units : tf.mean(tf.reshape(units, [-1, parts, UNITS * parts]), 1);
      const labels = tf.oneHot(tf.cast(batch['labels'] as tfjs.Tensor, 'int32'), CLASSES);
      const logits = tf.matMul(hidden, w['narrow'] as tfjs.Tensor);
      return tf.losses.softmaxCrossEntropy(labels, logits, undefined, 0, tf.Reduction.NONE);
    };
    const mean = (...w: tfjs.Tensor[]) =>
      tf.sum(tf.mul(losses(Object.fromEntries(names.map((name, i) => [name, w[i] as tfjs.Tensor]))), weights));
    const gradients = tf.grads((...w) => mean(...w).asScalar())(names.map((name) => now[name] as tfjs.Tensor));
    const next = names.map((name, i) => {
      const [w, gradient] = [now[name] as tfjs.Tensor, gradients[i] as tfjs.Tensor];
      const whole = decay === 0 || name !== 'wide' ? gradient : tf.add(gradient, tf.mul(w, decay));
      return [name, tf.sub(w, tf.mul(constants['rate'] as tfjs.Tensor, whole))] as const;
    });
    return { carried: Object.fromEntries(next), stacked: { losses: losses(now) } };
  },
});

/** Batches of which the fourth holds two examples and four fillers. */
export const inputs = (steps: number): LoopInputs => ({
  rows: Array.from({ length: steps }, (_, step) =>
    Array.from({ length: BATCH }, (_row, i) => (step * BATCH + i < EXAMPLES ? step * BATCH + i : 0)),
  ),
  weights: Array.from({ length: steps }, (_, step) => {
    const size = Math.min(BATCH, EXAMPLES - step * BATCH);
    return Array.from({ length: BATCH }, (_row, i) => (i < size ? 1 / size : 0));
  }),
  carried,
  constants: { rate: { shape: [], data: Float32Array.of(0.5) } },
});
