import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ForwardDefinition, traceForward } from '../forward.js';
import { forwardToOnnx } from './forward-model.js';

const kernel = Float32Array.from({ length: 6 * 5 }, (_, i) => Math.sin(i));
const bias = Float32Array.from([0.1, -0.2, 0.3, -0.4, 0.5]);
const parameters = { kernel: { shape: [6, 5], data: kernel }, bias: { shape: [5], data: bias } };
const specs = Object.entries(parameters).map(([name, { shape }]) => ({ name, shape }));

type Forward = (inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

const definition = (forward: Forward): ForwardDefinition => ({
  inputShape: [3, 2],
  parameters: specs,
  apply: ({ inputs, parameters: { kernel: k, bias: b } }) => forward(inputs, k as tf.Tensor, b as tf.Tensor),
});

const dense: Forward = (inputs, k, b) => tf.relu(tf.add(tf.matMul(tf.reshape(inputs, [-1, 6]), k as tf.Tensor2D), b));

const loops = (x: tf.Tensor, times: number): tf.Tensor => (times === 0 ? x : loops(tf.tanh(x), times - 1));

/** Models that treat the axis of the batch in other ways. */
const models: readonly (readonly [string, Forward])[] = [
  ['a dense layer', dense],
  [
    'a residual on the flattened inputs',
    (x, k, b) => tf.add(dense(x, k, b), tf.sum(tf.reshape(x, [x.shape[0], 6]), 1, true)),
  ],
  [
    'inputs flattened with their batch',
    (x, k, b) => dense(tf.reshape(tf.mul(tf.reshape(x, [-1]), 2), [-1, 3, 2]), k, b),
  ],
  [
    'a part of the inputs',
    (x, k, b) =>
      dense(
        tf.pad(tf.slice(x, [0, 1], [-1, 1]), [
          [0, 0],
          [2, 0],
          [0, 0],
        ]),
        k,
        b,
      ),
  ],
  [
    'a constant of the size of the batch',
    (x, k, b) => tf.slice(tf.concat([dense(x, k, b), tf.ones([x.shape[0], 2])], 1), [0, 2], [-1, 5]),
  ],
  ['the inputs standardised by example', (x, k, b) => dense(tf.sub(x, tf.mean(x, [1, 2], true)), k, b)],
  ['the inputs less their mean over the batch', (x, k, b) => dense(tf.sub(x, tf.mean(x, 0)), k, b)],
  [
    'a batch beside its negative, taken apart again',
    (x, k, b) => {
      const [batch = 0] = x.shape;
      const both = dense(tf.concat([x, tf.neg(x)], 0), k, b);
      return tf.sub(tf.slice(both, 0, batch), tf.split(both, 2)[1] ?? x);
    },
  ],
  [
    'rows beside the batch, taken off again',
    (x, k, b) =>
      tf.slice(dense(tf.concat([tf.ones([2, 3, 2]), x, tf.ones([1, 3, 2])], 0), k, b), [2, 0], [x.shape[0], 5]),
  ],
  [
    'constants of the size of the batch and of fixed sizes, which may be the same',
    (x, k, b) => {
      const ones = [x.shape[0], 2, 3, 6].map((rows) => tf.ones([rows, 3, 2]));
      return tf.slice(dense(tf.concat([x, ...ones], 0), k, b), 0, x.shape[0]);
    },
  ],
  ['a batch from its end', (x, k, b) => tf.reverse(dense(x, k, b), 0)],
  ['a batch in columns', (x, k, b) => tf.transpose(tf.transpose(dense(x, k, b)))],
  ['a scalar factor before a product', (x, k, b) => dense(tf.mul(x, 0.2), tf.mul(k, -3), b)],
  [
    'a gate of a state of zeros',
    (x, k, b) => {
      const gates = tf.sigmoid(dense(x, k, b));
      const state = tf.matMul(tf.mul(gates, tf.zeros([x.shape[0], 5])), tf.slice(k, 0, 5));
      return tf.add(tf.mul(gates, state), tf.mul(tf.sub(1, gates), tf.tanh(tf.add(dense(x, k, b), state))));
    },
  ],
  [
    'each example as often as there are labels',
    (x, k, b) => tf.sum(tf.reshape(tf.tile(tf.expandDims(dense(x, k, b), 1), [1, 5, 1]), [x.shape[0], 5, 5]), 1),
  ],
];

beforeAll(() => tf.setBackend('cpu'));

describe('forwardToOnnx', () => {
  it.each(models)("gives tfjs's logits for batches of 1, 3, 250 and 8000: %s", async (_, forward) => {
    const session = await InferenceSession.create(forwardToOnnx(traceForward(definition(forward)), [3, 2], parameters));
    for (const batch of [1, 3, 250, 8000]) {
      const data = Float32Array.from({ length: batch * 6 }, (_value, i) => Math.cos(i));
      const { logits } = await session.run({ inputs: new Tensor('float32', data, [batch, 3, 2]) });
      const expected = tf.tidy(() =>
        forward(tf.tensor(data, [batch, 3, 2]), tf.tensor(kernel, [6, 5]), tf.tensor(bias)).dataSync(),
      );
      expect(logits?.dims).toEqual([batch, 5]);
      const worst = (logits?.data as Float32Array).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))),
        0,
      );
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it("gives tfjs's logits of a convolutional model for batches of 1 and 5", async () => {
    type Call = Pick<Parameters<ForwardDefinition['apply']>[0], 'inputs' | 'parameters'>;
    const apply = ({ inputs, parameters: p }: Call): tf.Tensor => {
      const [filter, depth, out] = [p['filter'], p['depth'], p['out']] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D];
      const convolved = tf.relu<tf.Tensor4D>(tf.conv2d(inputs as tf.Tensor4D, filter, 1, 'same'));
      const mixed = tf.add<tf.Tensor4D>(tf.depthwiseConv2d(tf.maxPool(convolved, 2, 2, 'valid'), depth, 2, 'same'), 1);
      const { mean, variance } = tf.moments(tf.reshape(mixed, [mixed.shape[0], -1, 2, 2]), [1, 3], true);
      const grouped = tf.reshape(mixed, [mixed.shape[0], -1, 2, 2]);
      const normalised = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5)));
      const normal = tf.reshape<tf.Rank.R4>(normalised, mixed.shape);
      const pooled = tf.avgPool(normal, 2, 1, 'same');
      const half = tf.stridedSlice(pooled, [0, 0, 0, 0], pooled.shape, [1, 2, 1, 1]);
      return tf.matMul(tf.mean(half, [1, 2]), out);
    };
    const shapes = { filter: [3, 3, 2, 4], depth: [3, 3, 4, 1], out: [4, 3] };
    const values = Object.fromEntries(
      Object.entries(shapes).map(([name, shape], seed) => {
        const size = shape.reduce((product, axis) => product * axis, 1);
        return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(3 * i + seed)) }];
      }),
    );
    const inputShape = [6, 7, 2];
    const model = { inputShape, parameters: Object.entries(shapes).map(([name, shape]) => ({ name, shape })), apply };
    const session = await InferenceSession.create(forwardToOnnx(traceForward(model), inputShape, values));
    for (const batch of [1, 5]) {
      const data = Float32Array.from({ length: batch * 84 }, (_, i) => Math.cos(i));
      const { logits } = await session.run({ inputs: new Tensor('float32', data, [batch, ...inputShape]) });
      const tensors = Object.entries(values).map(
        ([name, { shape, data: of }]) => [name, tf.tensor(of, shape)] as const,
      );
      const inputs = tf.tensor(data, [batch, ...inputShape]);
      const expected = apply({ inputs, parameters: Object.fromEntries(tensors) });
      expect(logits?.dims).toEqual([batch, 3]);
      const difference = tf.sub(expected, tf.tensor(logits?.data as Float32Array, [batch, 3]));
      expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-5);
    }
  });

  it.each<[string, Forward]>([
    ['divides by how many examples there are', (x, k, b) => tf.div(dense(x, k, b), x.shape[0])],
    ['numbers its examples', (x, k, b) => tf.add(dense(x, k, b), tf.expandDims(tf.range(0, x.shape[0]), 1))],
    [
      'has more operations where the batch is larger',
      (x, k, b) => (x.shape[0] > 7910 ? tf.tanh(dense(x, k, b)) : dense(x, k, b)),
    ],
    [
      'has more operations where the batch is small',
      (x, k, b) => (x.shape[0] < 7 ? tf.tanh(dense(x, k, b)) : dense(x, k, b)),
    ],
    ['ends with more operations for some batches', (x, k, b) => loops(dense(x, k, b), x.shape[0] % 7)],
    ['goes by whether the batch is even', (x, k, b) => tf.add(dense(x, k, b), x.shape[0] % 2)],
    [
      'takes a number of rows that grows with the square',
      (x, k, b) => tf.add(dense(x, k, b), tf.sum(tf.slice(tf.ones([x.shape[0] ** 2]), x.shape[0]))),
    ],
    ['sums up along the batch', (x, k, b) => tf.cumsum(dense(x, k, b), 0)],
  ])('refuses a model that %s', (_, forward) => {
    expect(() => forwardToOnnx(traceForward(definition(forward)), [3, 2], parameters)).toThrow(
      expect.objectContaining({
        code: 'COMPILE_UNSUPPORTED_OP',
        message: expect.stringContaining('how many examples a batch has') as string,
      }),
    );
  });
});
