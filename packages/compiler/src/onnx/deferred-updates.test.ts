import type * as tfjs from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { type LoopInputs, type NamedValues, openCompiled, relativeDistance, runEager } from '../../testing/run-loop.js';
import type { LoopDefinition } from '../loop.js';
import { traceLoop } from '../loop.js';
import { optimise } from '../passes/index.js';

const [BATCH, EXAMPLES, FEATURES, UNITS, CLASSES] = [6, 20, 560, 120, 3];

/** A number in [0, 1) for each `i`, the same on every machine. */
const scattered = (i: number): number => ((i + 1) * 0.6180339887) % 1;

const values = (shape: readonly number[], from: number) => ({
  shape,
  data: Float32Array.from(
    { length: shape.reduce((size, axis) => size * axis, 1) },
    (_, i) => 0.1 * (scattered(i + from) - 0.5),
  ),
});

const carried: NamedValues = {
  wide: values([FEATURES, UNITS], 0),
  bias: values([UNITS], 17),
  narrow: values([UNITS, CLASSES], 29),
};

/** A step of stochastic gradient descent on two dense layers, the first with `decay` times its own weights. */
const loop = (isShort: boolean, decay = 0, batchSize = BATCH): LoopDefinition => ({
  batchSize,
  isShort,
  tables: [
    {
      name: 'inputs',
      rows: EXAMPLES,
      rowShape: [FEATURES / 4, 4],
      as: { dtype: 'float32', scale: 1 / 255 },
      content: Uint8Array.from({ length: EXAMPLES * FEATURES }, (_, i) => 256 * scattered(i)),
    },
    {
      name: 'labels',
      rows: EXAMPLES,
      rowShape: [],
      as: { dtype: 'int32' },
      content: Uint8Array.from({ length: EXAMPLES }, (_, i) => CLASSES * scattered(7 * i)),
    },
  ],
  carried: Object.entries(carried).map(([name, { shape }]) => ({ name, shape })),
  constants: [{ name: 'rate', shape: [] }],
  step({ tf, carried: now, constants, batch, weights }) {
    const names = Object.keys(carried);
    const losses = (w: Readonly<Record<string, tfjs.Tensor>>): tfjs.Tensor => {
      const x = tf.reshape(batch['inputs'] as tfjs.Tensor, [-1, FEATURES]);
      const hidden = tf.relu(tf.add(tf.matMul(x, w['wide'] as tfjs.Tensor), w['bias'] as tfjs.Tensor));
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

/** Batches of which the last holds two examples and four fillers. */
const inputs = (steps: number): LoopInputs => ({
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

const deferredIn = (definition: LoopDefinition): readonly string[] =>
  optimise(traceLoop(definition)).deferred.map(({ name }) => name);

describe('updates that wait for the end of a short loop', () => {
  it.each([1, 2, 4])('give after %i steps what plain tfjs gives', async (steps) => {
    const [compiled, eager] = [
      await (await openCompiled(loop(true)))(inputs(steps)),
      await runEager(loop(true), inputs(steps)),
    ];
    const start = inputs(steps).carried;
    for (const name of Object.keys(carried)) {
      expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThan(1e-6);
      expect(relativeDistance(compiled.carried[name], start[name]), name).toBeGreaterThan(1e-3);
    }
    expect(relativeDistance(compiled.stacked['losses'], eager.stacked['losses'])).toBeLessThan(1e-5);
  });

  it('are those of the first layer alone, in a loop that is said to be short', () => {
    expect(deferredIn(loop(true))).toEqual(['carried/wide']);
    expect(deferredIn(loop(false))).toEqual([]);
  });

  it('are not those of wide batches', () => {
    expect(deferredIn(loop(true, 0, 17))).toEqual([]);
  });

  it('are not those of a matrix that a step needs for more than its product', () => {
    expect(deferredIn(loop(true, 0.01))).toEqual([]);
  });

  it('leave nothing of the size of the matrix in a step', () => {
    const { body } = optimise(traceLoop(loop(true)));
    expect(
      Object.values(body).every(({ shape }) => shape.reduce((size, axis) => size * axis, 1) < FEATURES * UNITS),
    ).toBe(true);
  });
});
