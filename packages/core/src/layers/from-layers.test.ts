import { createRecurrence, eagerScan } from '@fedx/compiler';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Model, ModelCall, Parameters } from '../contracts/index.js';
import { drawsNothing, keyedRandom } from '../programs/index.js';
import { createRandom } from '../random/index.js';
import { fromLayers } from './from-layers.js';

beforeAll(() => tf.setBackend('cpu'));

const call = (parameters: Parameters, inputs: tf.Tensor, mode: ModelCall['mode'] = 'evaluate'): ModelCall => ({
  tf,
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  ),
  inputs,
  mode,
  random: mode === 'train' ? keyedRandom(tf, (shape) => tf.fill([...shape], 0.25)) : drawsNothing(tf),
  recurrence: createRecurrence(tf, eagerScan(tf)),
});

/** What tfjs itself predicts with the model's initial parameters. */
async function hold(build: () => tf.LayersModel, inputs: tf.Tensor): Promise<{ ours: number[]; theirs: number[] }> {
  let built: tf.LayersModel | undefined;
  const model = await fromLayers(() => (built = build()));
  const parameters = model.init(createRandom(5));
  const ours = [...model.apply(call(parameters, inputs)).logits.dataSync()];
  built?.weights.forEach((weight) => {
    const at = built?.weights.filter(({ shape }) => shape.join() === weight.shape.join()).indexOf(weight) ?? 0;
    const like = Object.values(parameters).filter(({ shape }) => shape.join() === weight.shape.join())[at];
    weight.write(tf.tensor(like?.data ?? [], weight.shape as number[]));
  });
  return { ours, theirs: [...(built?.predict(inputs) as tf.Tensor).dataSync()] };
}

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
  });
};

const sequences = tf.tensor(
  Float32Array.from({ length: 2 * 5 * 3 }, (_, i) => Math.sin(i)),
  [2, 5, 3],
);
const pictures = tf.tensor(
  Float32Array.from({ length: 2 * 6 * 6 }, (_, i) => Math.cos(i)),
  [2, 6, 6, 1],
);

/** tfjs asks for the class of the layer inside, which its own function does not promise. */
function bidirectional(): tf.layers.Layer {
  const layer: unknown = tf.layers.lstm({ units: 4 });
  const options: unknown = { layer, mergeMode: 'concat', inputShape: [5, 3] };
  return tf.layers.bidirectional(options as never);
}

describe('fromLayers', () => {
  it.each([
    ['LSTM', (): tf.layers.Layer => tf.layers.lstm({ units: 4, inputShape: [5, 3] })],
    ['GRU, backwards', () => tf.layers.gru({ units: 4, inputShape: [5, 3], goBackwards: true })],
    ['SimpleRNN', () => tf.layers.simpleRNN({ units: 4, inputShape: [5, 3] })],
    ['a bidirectional LSTM', bidirectional],
  ])('gives what tfjs predicts: %s', async (_, first) => {
    const { ours, theirs } = await hold(
      () => tf.sequential({ layers: [first(), tf.layers.dense({ units: 3 })] }),
      sequences,
    );
    close(ours, theirs);
  });

  it('gives what tfjs predicts: a functional model with a convolution and a shortcut', async () => {
    const { ours, theirs } = await hold(() => {
      const input = tf.input({ shape: [6, 6, 1] });
      const first = tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(input);
      const second = tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }).apply(first);
      const sum = tf.layers.add().apply([first, second] as tf.SymbolicTensor[]);
      const pooled = tf.layers.globalAveragePooling2d({}).apply(sum);
      return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3 }).apply(pooled) as tf.SymbolicTensor });
    }, pictures);
    close(ours, theirs);
  });

  const normalised = (): tf.LayersModel =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [3], kernelRegularizer: tf.regularizers.l2({ l2: 0.5 }) }),
        tf.layers.batchNormalization({ momentum: 0.9 }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
  const batch = tf.tensor2d([
    [1, 2, 3],
    [3, 2, 5],
  ]);

  it('carries moving statistics, adds penalties, keys dropout, and leaves out the softmax', async () => {
    const model = await fromLayers(normalised);
    const parameters = model.init(createRandom(1));
    expect(model.statistics).toEqual(['batch-normalization-1/moving-mean', 'batch-normalization-1/moving-variance']);
    const { logits, statistics = {}, penalty } = model.apply(call(parameters, batch, 'train'));
    const kernel = tf.tensor2d(parameters['dense-1/kernel']?.data ?? [], [3, 4]);
    // The mean moves by a tenth of the way from 0 to that of the batch.
    const expected = tf.mul(tf.mean(tf.matMul(batch, kernel), 0), 0.1);
    close([...(statistics['batch-normalization-1/moving-mean']?.dataSync() ?? [])], [...expected.dataSync()]);
    close([...(penalty?.dataSync() ?? [])], [...tf.mul(tf.sum(tf.square(kernel)), 0.5).dataSync()]);
    // 0.25 is below the keep rate: nothing is dropped, everything is doubled; logits are no probabilities.
    expect(tf.sum(tf.softmax(logits)).dataSync()[0]).toBeCloseTo(2, 5);
    expect(tf.sum(logits).dataSync()[0]).not.toBeCloseTo(2, 3);
  });

  it('does not train the weights of a layer with trainable: false', async () => {
    const layers = (): tf.layers.Layer[] => [
      tf.layers.dense({ units: 4, inputShape: [3], trainable: false }),
      tf.layers.dense({ units: 2 }),
    ];
    const model = await fromLayers(() => tf.sequential({ layers: layers() }));
    expect(model.statistics).toEqual(['dense-1/kernel', 'dense-1/bias']);
    expect(model.apply(call(model.init(createRandom(1)), batch, 'train')).statistics).toEqual({});
  });

  it('leaves the weights of the layers as they were', async () => {
    let built: tf.LayersModel | undefined;
    const model = await fromLayers(() => (built = normalised()));
    const before = built?.weights.map((weight) => weight.read().id);
    model.apply(call(model.init(createRandom(1)), batch, 'train'));
    expect(built?.weights.map((weight) => weight.read().id)).toEqual(before);
  });

  it('gives the same names and values each time, and other values for another seed', async () => {
    const [one, two]: Model[] = [await fromLayers(normalised), await fromLayers(normalised)];
    const values = (model: Model | undefined, seed: number) =>
      Object.entries(model?.init(createRandom(seed)) ?? {}).map(([name, { data }]) => [name, [...data]]);
    expect(values(two, 1)).toEqual(values(one, 1));
    expect(values(two, 2)).not.toEqual(values(one, 1));
  });

  it('trains a batch normalisation without scale', async () => {
    const model = await fromLayers(() =>
      tf.sequential({
        layers: [tf.layers.dense({ units: 2, inputShape: [3] }), tf.layers.batchNormalization({ scale: false })],
      }),
    );
    const { parameters, ...rest } = call(model.init(createRandom(1)), batch, 'train');
    const { 'dense-1/kernel': kernel, ...others } = parameters;
    const gradient = tf.grad((k: tf.Tensor) =>
      tf.sum(tf.square(model.apply({ ...rest, parameters: { ...others, 'dense-1/kernel': k } }).logits)),
    )(kernel as tf.Tensor);
    expect(gradient.shape).toEqual([3, 2]);
  });

  it.each([
    ['GaussianNoise', () => tf.layers.gaussianNoise({ stddev: 1, inputShape: [3] })],
    ['a stateful LSTM', () => tf.layers.lstm({ units: 2, stateful: true, batchInputShape: [2, 5, 3] })],
    ['an LSTM with dropout inside', () => tf.layers.lstm({ units: 2, dropout: 0.5, inputShape: [5, 3] })],
  ])('refuses what it would compute wrongly, by name: %s', async (_, layer) => {
    const model = await fromLayers(() => tf.sequential({ layers: [layer()] }));
    const inputs = layer().getClassName() === 'LSTM' ? sequences : batch;
    expect(() => model.apply(call(model.init(createRandom(1)), inputs, 'train'))).toThrow(
      expect.objectContaining({
        code: 'FEDX_COMPILE_UNSUPPORTED_OP',
        message: expect.stringContaining(layer().getClassName()) as string,
      }),
    );
  });

  it('refuses a constraint, which would not be applied', async () => {
    const build = () =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 2, inputShape: [3], kernelConstraint: tf.constraints.unitNorm({ axis: 0 }) }),
        ],
      });
    await expect(fromLayers(build)).rejects.toMatchObject({ code: 'FEDX_COMPILE_UNSUPPORTED_OP' });
  });

  it('builds a wide recurrent layer at once, whatever tfjs would take for its orthogonal kernel', async () => {
    const model = await fromLayers(() =>
      tf.sequential({ layers: [tf.layers.lstm({ units: 128, inputShape: [5, 3] })] }),
    );
    const { data = new Float32Array() } = model.init(createRandom(1))['lstm-1/recurrent-kernel'] ?? {};
    const first = data.subarray(0, 512);
    expect(first.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 4);
  });
});
