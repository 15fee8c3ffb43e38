import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ForwardDefinition, traceForward } from '../forward.js';
import { createRecurrence, eagerScan, type Recurrence } from '../recurrence.js';
import { forwardToSavedModel, forwardToTfjs, type TfjsGraphModel } from './forward-model.js';

const values = (shape: readonly number[], phase: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + phase)),
});

const parameters = {
  filter: values([3, 3, 1, 2], 0),
  'dense/kernel': values([18, 4], 1),
  'dense/bias': values([4], 2),
};

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** A convolution, a pool, group statistics, a constant of the size of the batch, a dense layer. */
function forward(inputs: tf.Tensor, p: Tensors): tf.Tensor {
  const x = tf.relu(tf.conv2d(inputs as tf.Tensor4D, p['filter'] as tf.Tensor4D, 1, 'same'));
  const pooled = tf.maxPool(x, 2, 2, 'same');
  const { mean, variance } = tf.moments(pooled, [1, 2], true);
  const normal = tf.mul(tf.sub(pooled, mean), tf.rsqrt(tf.add(variance, 1e-3)));
  const flat = tf.reshape(tf.add(normal, tf.ones(normal.shape)), [-1, 18]);
  return tf.add(tf.matMul(flat, p['dense/kernel'] as tf.Tensor2D), p['dense/bias'] as tf.Tensor);
}

const definition: ForwardDefinition = {
  inputShape: [5, 5, 1],
  parameters: Object.entries(parameters).map(([name, { shape }]) => ({ name, shape })),
  apply: ({ inputs, parameters: given }) => forward(inputs, given),
};

const tensors = (given: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>) =>
  Object.fromEntries(Object.entries(given).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]));

/** Sequences of 5 rows, forwards and then from the end: h_t = tanh(x_t wx + h_{t-1} wh + 1). */
const recurrentParameters = { wx: values([5, 4], 0), wh: values([4, 4], 1) };

function recurrent(inputs: tf.Tensor, weights: Tensors, recurrence: Recurrence): tf.Tensor {
  const [batch = 0] = inputs.shape;
  const sequences = tf.transpose(tf.reshape(inputs, [batch, 5, 5]), [1, 0, 2]);
  const last = (xs: tf.Tensor): tf.Tensor => {
    const states = recurrence({
      step: (state, x, { wx, wh }) =>
        tf.tanh(
          tf.add(
            tf.add(tf.matMul(x, wx as tf.Tensor), tf.matMul(state, wh as tf.Tensor)),
            tf.mul(tf.ones(state.shape), 0.1),
          ),
        ),
      initial: tf.zeros([batch, 4]),
      inputs: xs,
      weights,
    });
    return tf.reshape(tf.slice(states, [4, 0, 0], [1, batch, 4]), [batch, 4]);
  };
  return tf.add(last(sequences), last(tf.reverse(sequences, 0)));
}

/** What is enlarged by a transposed convolution, beside a row that is none of the batch, from the last to the first. */
function enlarged(inputs: tf.Tensor, { filter, 'dense/kernel': kernel }: Tensors): tf.Tensor {
  const [batch = 0] = inputs.shape;
  const one = tf.concat([inputs, tf.ones([1, 5, 5, 1])], 0) as tf.Tensor4D;
  const small = tf.conv2d(one, filter as tf.Tensor4D, 2, 'same');
  const large = tf.conv2dTranspose(small, filter as tf.Tensor4D, [batch + 1, 6, 6, 1], 2, 'same');
  const cut = tf.slice(large, [0, 0, 0, 0], [batch, 6, 3, 1]);
  return tf.reverse(tf.matMul(tf.reshape(cut, [batch, 18]), kernel as tf.Tensor2D), 0);
}

/** Products of scaled operands: by which of them a factor is cheapest follows from the batch. */
function scaled(inputs: tf.Tensor, { 'dense/kernel': kernel }: Tensors): tf.Tensor {
  const flat = tf.reshape(tf.slice(inputs, [0, 0, 0, 0], [-1, 5, 4, 1]), [-1, 20]);
  const wide = tf.matMul(tf.mul(tf.slice(flat, [0, 0], [-1, 18]), 0.2), kernel as tf.Tensor2D);
  return tf.matMul(wide, tf.mul(tf.slice(kernel as tf.Tensor2D, 0, 4), -3));
}

/** One step of a gated recurrent unit from a state of zeros, which the reset gate scales before a product. */
function gated(inputs: tf.Tensor, { wx, wh }: Tensors): tf.Tensor {
  const [x, state] = [tf.slice(tf.reshape(inputs, [-1, 25]), [0, 0], [-1, 5]), tf.zeros([inputs.shape[0], 4])];
  const [input, weights] = [tf.matMul(x, wx as tf.Tensor2D), wh as tf.Tensor2D];
  const [update, reset] = [tf.sigmoid(input), tf.clipByValue(tf.add(tf.mul(input, 0.2), 0.5), 0, 1)];
  const candidate = tf.tanh(tf.add(input, tf.matMul(tf.mul(reset, state), weights)));
  return tf.add(tf.mul(update, state), tf.mul(tf.sub(1, update), candidate));
}

/** As tfjs loads it. */
function load({ model, weights }: TfjsGraphModel): Promise<tf.GraphModel> {
  const { modelTopology, weightsManifest } = model as {
    readonly modelTopology: object;
    readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
  };
  return tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: Uint8Array.from(weights).buffer,
    }),
  );
}

beforeAll(() => tf.setBackend('cpu'));

describe('a model that leaves for tfjs', () => {
  it.each<[string, ForwardDefinition, typeof recurrentParameters | typeof parameters, typeof forward]>([
    ['convolutions', definition, parameters, forward],
    [
      'sizes that follow from the batch',
      { ...definition, apply: ({ inputs, parameters: given }) => enlarged(inputs, given) },
      parameters,
      enlarged,
    ],
    [
      'scalar factors before products',
      { ...definition, apply: ({ inputs, parameters: given }) => scaled(inputs, given) },
      parameters,
      scaled,
    ],
    [
      'a gated recurrent unit',
      {
        inputShape: [5, 5, 1],
        parameters: Object.entries(recurrentParameters).map(([name, { shape }]) => ({ name, shape })),
        apply: ({ inputs, parameters: given }) => gated(inputs, given),
      },
      recurrentParameters,
      gated,
    ],
    [
      'recurrences',
      {
        inputShape: [5, 5, 1],
        parameters: Object.entries(recurrentParameters).map(([name, { shape }]) => ({ name, shape })),
        apply: ({ inputs, parameters: given, recurrence }) => recurrent(inputs, given, recurrence),
      },
      recurrentParameters,
      (inputs, given) => recurrent(inputs, given, createRecurrence(tf, eagerScan(tf))),
    ],
  ])('gives the same logits there, for any batch: %s', async (_, traced, stored, eager) => {
    const loaded = await load(forwardToTfjs(traceForward(traced), [5, 5, 1], stored, 'weights.bin'));
    for (const batch of [1, 3, 40]) {
      const inputs = tf.tensor(values([batch, 5, 5, 1], batch).data, [batch, 5, 5, 1]);
      const logits = loaded.predict(inputs) as tf.Tensor;
      const expected = eager(inputs, tensors(stored));
      expect(logits.shape).toEqual([batch, 4]);
      expect(tf.max(tf.abs(tf.sub(logits, expected))).dataSync()[0]).toBeLessThan(1e-5);
    }
  });

  it('gives the same logits where a parameter has a name that no node may have', async () => {
    const stored = { 'k:0': values([25, 4], 0), k: values([4], 1), 'ü é': values([4], 2) };
    const named = (inputs: tf.Tensor, p: Tensors): tf.Tensor =>
      tf.add(
        tf.mul(tf.matMul(tf.reshape(inputs, [-1, 25]), p['k:0'] as tf.Tensor2D), p['k'] as tf.Tensor),
        p['ü é'] as tf.Tensor,
      );
    const traced = traceForward({
      inputShape: [5, 5, 1],
      parameters: Object.entries(stored).map(([name, { shape }]) => ({ name, shape })),
      apply: ({ inputs, parameters: given }) => named(inputs, given),
    });
    const loaded = await load(forwardToTfjs(traced, [5, 5, 1], stored, 'weights.bin'));
    const inputs = tf.tensor(values([3, 5, 5, 1], 3).data, [3, 5, 5, 1]);
    const difference = tf.sub(loaded.predict(inputs) as tf.Tensor, named(inputs, tensors(stored)));
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('is written as a SavedModel with the parameters in it', () => {
    const bytes = forwardToSavedModel(traceForward(definition), [5, 5, 1], parameters);
    const text = Buffer.from(bytes).toString('latin1');
    for (const name of ['serving_default', 'inputs', 'logits', 'parameter/dense/kernel']) expect(text).toContain(name);
  });

  it('is refused for tfjs where its executor lacks an operation', () => {
    const summed: ForwardDefinition = {
      ...definition,
      apply: ({ inputs }) =>
        tf.transpose(
          tf.unsortedSegmentSum(tf.transpose(tf.reshape(inputs, [-1, 25])), tf.range(0, 25, 1, 'int32'), 25),
        ),
    };
    expect(() => forwardToTfjs(traceForward(summed), [5, 5, 1], parameters, 'weights.bin')).toThrow(
      expect.objectContaining({
        code: 'COMPILE_UNSUPPORTED_OP',
        message: expect.stringContaining('UnsortedSegmentSum') as string,
      }),
    );
    expect(forwardToSavedModel(traceForward(summed), [5, 5, 1], parameters).length).toBeGreaterThan(0);
  });

  it('is refused where it divides by how many examples there are', () => {
    const divided: ForwardDefinition = {
      ...definition,
      apply: ({ inputs }) => tf.div(tf.reshape(inputs, [-1, 25]), inputs.shape[0]),
    };
    expect(() => forwardToSavedModel(traceForward(divided), [5, 5, 1], parameters)).toThrow(
      expect.objectContaining({ code: 'COMPILE_UNSUPPORTED_OP' }),
    );
  });
});
