import type { Tensor } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import type { LoopDefinition } from '../../packages/compiler/src/index.js';
import { type LoopInputs, openCompiled, relativeDistance, runEager } from '../../packages/compiler/testing/run-loop.js';
import { binding, openOnTensorflow } from './run-on-tensorflow.js';

/** Numbers around zero, the same each time. */
const values = (shape: readonly number[], phase: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.6 * Math.sin(3 * i + phase)),
});

/** h_t = tanh(x_t wx + h_{t-1} wh), trained on the squares of all states. */
const recurrent = (length: number): LoopDefinition => ({
  batchSize: 3,
  tables: [
    {
      name: 'inputs',
      rows: 6,
      rowShape: [length, 2],
      as: { dtype: 'float32', scale: 1 / 255 },
      content: Uint8Array.from({ length: 6 * length * 2 }, (_, i) => (i * 37) % 256),
    },
  ],
  carried: [
    { name: 'wx', shape: [2, 4] },
    { name: 'wh', shape: [4, 4] },
  ],
  constants: [],
  step({ tf, carried, batch, weights, recurrence }) {
    const loss = (wx: Tensor, wh: Tensor): Tensor => {
      const states = recurrence({
        step: (state, input, w) =>
          tf.tanh(tf.add(tf.matMul(input, w['wx'] as Tensor), tf.matMul(state, w['wh'] as Tensor))),
        initial: tf.zeros([3, 4]),
        inputs: tf.transpose(batch['inputs'] as Tensor, [1, 0, 2]),
        weights: { wx, wh },
      });
      return tf.sum(tf.square(tf.sub(states, 0.5)), [0, 2]);
    };
    const [wx, wh] = ['wx', 'wh'].map((name) => carried[name] as Tensor) as [Tensor, Tensor];
    const { value, grads } = tf.valueAndGrads(loss)([wx, wh], weights);
    const [gx, gh] = grads as [Tensor, Tensor];
    return { carried: { wx: tf.sub(wx, tf.mul(gx, 0.1)), wh: tf.sub(wh, tf.mul(gh, 0.1)) }, stacked: { loss: value } };
  },
});

const WINDOW = 16;

/** Stacks what it draws, more than fits into one window. */
const noisy: LoopDefinition = {
  batchSize: 1,
  tables: [],
  carried: [],
  constants: [],
  noise: {
    window: WINDOW,
    tables: [1, 2].map((phase) =>
      Float32Array.from(
        { length: 2 * WINDOW },
        (_, i) => Math.floor(((i + phase) * 0.618034 * 2 ** 23) % 2 ** 23) / 2 ** 23,
      ),
    ) as [Float32Array, Float32Array],
  },
  step: ({ uniform }) => ({ carried: {}, stacked: { first: uniform([4, 5]), second: uniform([3]) } }),
};

/** Adds up a scalar of each step, times the step's number. */
const counting: LoopDefinition = {
  batchSize: 1,
  tables: [],
  carried: [{ name: 'sum', shape: [] }],
  constants: [],
  perStep: ['rate'],
  step: ({ tf, carried, constants, step }) => ({
    carried: { sum: tf.add(carried['sum'] as Tensor, tf.mul(constants['rate'] as Tensor, step)) },
    stacked: { step: tf.reshape(step, [1]) },
  }),
};

const steps = (count: number): Pick<LoopInputs, 'rows' | 'weights'> => ({
  rows: Array.from({ length: count }, () => [0]),
  weights: Array.from({ length: count }, () => [1]),
});

describe.skipIf(binding === undefined)('a loop on TensorFlow', () => {
  it.each([1, 5, 28])('trains a recurrence as eager tfjs does: length %i', async (length) => {
    const inputs = {
      rows: [
        [0, 1, 2],
        [5, 4, 3],
      ],
      weights: [
        [0.25, 0.25, 0.5],
        [1, 0, 0],
      ],
      carried: { wx: values([2, 4], 0), wh: values([4, 4], 1) },
    };
    const loop = recurrent(length);
    const [compiled, eager] = [await (await openOnTensorflow(loop))(inputs), await runEager(loop, inputs)];
    for (const name of ['wx', 'wh'])
      expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThan(1e-5);
    expect(relativeDistance(compiled.stacked['loss'], eager.stacked['loss'])).toBeLessThan(1e-5);
  });

  it('draws the very numbers that ONNX and eager tfjs draw', async () => {
    const inputs = {
      ...steps(2),
      carried: {},
      keys: [
        [0, 3, 7, 2, 11, 15],
        [9, 9, 1, 0, 5, 4],
      ],
    };
    const drawn = await (await openOnTensorflow(noisy))(inputs);
    expect(drawn.stacked).toEqual((await (await openCompiled(noisy))(inputs)).stacked);
    expect(drawn.stacked).toEqual((await runEager(noisy, inputs)).stacked);
    expect(drawn.stacked['first']?.shape).toEqual([2, 4, 5]);
  });

  it('gives every step its number and its own scalars', async () => {
    const inputs = {
      ...steps(4),
      carried: { sum: { shape: [], data: Float32Array.of(10) } },
      perStep: { rate: [5, 1, 2, 3] },
    };
    const { carried, stacked } = await (await openOnTensorflow(counting))(inputs);
    expect(carried['sum']?.data).toEqual(Float32Array.of(10 + 1 * 1 + 2 * 2 + 3 * 3));
    expect(stacked['step']?.data).toEqual(Float32Array.of(0, 1, 2, 3));
  });
});
