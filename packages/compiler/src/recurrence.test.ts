import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { openCompiled, relativeDistance, runEager } from '../testing/run-loop.js';
import {
  createRecurrence,
  eagerScan,
  type LoopDefinition,
  type Recurrence,
  topologicalOrder,
  traceLoop,
} from './index.js';

/** h_t = tanh(x_t wx + h_{t-1} wh). */
const step = (state: tf.Tensor, input: tf.Tensor, { wx, wh }: Readonly<Record<string, tf.Tensor>>) =>
  tf.tanh(tf.add(tf.matMul(input, wx as tf.Tensor), tf.matMul(state, wh as tf.Tensor)));

const values = (shape: readonly number[], phase: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.6 * Math.sin(3 * i + phase)),
});

/** SGD on the sum of squares of all states, over a recurrence of so many steps on a batch of 3. */
const training = (length: number): LoopDefinition => ({
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
    { name: 'start', shape: [3, 4] },
  ],
  constants: [],
  step({ carried, batch, weights, recurrence }) {
    const loss = (wx: tf.Tensor, wh: tf.Tensor, start: tf.Tensor): tf.Tensor => {
      const inputs = tf.transpose(batch['inputs'] as tf.Tensor, [1, 0, 2]);
      const states = recurrence({ step, initial: start, inputs, weights: { wx, wh } });
      return tf.sum(tf.square(tf.sub(states, 0.5)), [0, 2]);
    };
    const { value, grads } = tf.valueAndGrads(loss)(
      ['wx', 'wh', 'start'].map((name) => carried[name] as tf.Tensor),
      weights,
    );
    const next = ['wx', 'wh', 'start'].map(
      (name, i) => [name, tf.sub(carried[name] as tf.Tensor, tf.mul(grads[i] as tf.Tensor, 0.1))] as const,
    );
    return { carried: Object.fromEntries(next), stacked: { loss: value } };
  },
});

const inputs = {
  rows: [
    [0, 1, 2],
    [5, 4, 3],
  ],
  weights: [
    [0.25, 0.25, 0.5],
    [1, 0, 0],
  ],
  carried: { wx: values([2, 4], 0), wh: values([4, 4], 1), start: values([3, 4], 2) },
};

/** The same recurrence written out, with tfjs's own gradient through every step. */
const unrolled: Recurrence = ({ step: f, initial, inputs: xs, weights }) => {
  let state = initial;
  const states = Array.from({ length: xs.shape[0] }, (_, t) => {
    state = f(state, tf.squeeze(tf.slice(xs, t, 1), [0]), weights);
    return tf.expandDims(state, 0);
  });
  return tf.concat(states, 0);
};

describe('a recurrence', () => {
  it.each([1, 2, 7])('has the gradient of the unrolled one: length %i', (length) => {
    const gradientsBy = (recurrence: Recurrence) =>
      tf.grads((wx: tf.Tensor, wh: tf.Tensor, start: tf.Tensor, xs: tf.Tensor) =>
        tf.sum(tf.square(recurrence({ step, initial: start, inputs: xs, weights: { wx, wh } }))),
      )(
        [
          [2, 4],
          [4, 4],
          [3, 4],
          [length, 3, 2],
        ].map((shape, i) => tf.tensor(values(shape, i).data, shape)),
      );
    const own = gradientsBy(createRecurrence(tf, eagerScan(tf)));
    gradientsBy(unrolled).forEach((expected, i) => {
      const actual = own[i] as tf.Tensor;
      expect(actual.shape).toEqual(expected.shape);
      expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  it.each([1, 5])('trains compiled as it does eagerly: length %i', async (length) => {
    const loop = training(length);
    const [compiled, eager] = [await (await openCompiled(loop))(inputs), await runEager(loop, inputs)];
    for (const name of ['wx', 'wh', 'start']) {
      expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThan(1e-5);
    }
    expect(relativeDistance(compiled.stacked['loss'], eager.stacked['loss'])).toBeLessThan(1e-5);
  });

  it('does not grow with its length', () => {
    const size = (length: number) => topologicalOrder(traceLoop(training(length)).body).length;
    expect(size(500)).toBe(size(5));
  });
});
