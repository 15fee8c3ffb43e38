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
});
