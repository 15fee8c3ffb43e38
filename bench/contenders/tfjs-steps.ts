/**
 * Plain TensorFlow.js in the peers' conversation, `steps` only: what a local step costs without a compiler.
 *
 *     tfjs-steps.ts eager    gradients and update by hand, an operation at a time
 *     tfjs-steps.ts fit      model.fit
 *
 * Needs @tensorflow/tfjs-node, which is no dependency of fedx; where it was built elsewhere, FEDX_BENCH_TFJS names
 * the file to import.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tf } from '@fedx/core';
import { inputsFile } from '../workloads/workload.js';
import { type Commands, type PrepareRequest, type StepsReply, serve } from './protocol.js';

const batchSize = 32;
const learningRate = 0.05;
const [pixels, hidden, classes] = [784, 128, 10];

type Matrix = ReturnType<Tf['tensor2d']>;
type Variable = ReturnType<Tf['variable']>;
type FitOptions = Parameters<ReturnType<Tf['sequential']>['fit']>[2];

const { default: tf } = (await import(process.env['FEDX_BENCH_TFJS'] ?? '@tensorflow/tfjs-node')) as {
  readonly default: Tf;
};

/** The first client's full batches: pixels in `[0, 1]`, `[rows, 784]`, and labels as one-hot, `[rows, 10]`. */
async function firstClient(folder: string): Promise<{ readonly images: Matrix; readonly labels: Matrix }> {
  const [images, labels, split] = await Promise.all([
    readFile(join(folder, inputsFile)),
    readFile(join(folder, 'labels.u8')),
    readFile(join(folder, 'split.json'), 'utf8'),
  ]);
  const { clients } = JSON.parse(split) as { readonly clients: readonly (readonly number[])[] };
  const all = clients[0] ?? [];
  const rows = all.slice(0, all.length - (all.length % batchSize));
  const pixelsOf = (row: number): number[] => Array.from(images.subarray(row * pixels, (row + 1) * pixels));
  const classOf = (row: number): number => labels[row] ?? 0;
  return {
    images: tf.tensor2d(
      Float32Array.from(rows.flatMap(pixelsOf), (pixel) => pixel / 255),
      [rows.length, pixels],
    ),
    labels: tf.tidy(() =>
      tf
        .oneHot(tf.tensor1d(rows.map(classOf), 'int32'), classes)
        .toFloat()
        .as2D(-1, classes),
    ),
  };
}

type Epoch = () => Promise<void>;

function eagerEpoch(images: Matrix, labels: Matrix): Epoch {
  const dense = (inputs: number, units: number) => [
    tf.variable(tf.initializers.glorotUniform({}).apply([inputs, units])),
    tf.variable(tf.zeros([units])),
  ];
  const parameters = [...dense(pixels, hidden), ...dense(hidden, classes)];
  const [w1, b1, w2, b2] = parameters as [Variable, Variable, Variable, Variable];
  const optimizer = tf.train.sgd(learningRate);
  return async () => {
    const order = tf.util.createShuffledIndices(images.shape[0]);
    for (let first = 0; first < images.shape[0]; first += batchSize) {
      tf.tidy(() => {
        const rows = tf.tensor1d(Int32Array.from(order.subarray(first, first + batchSize)), 'int32');
        const [x, y] = [tf.gather(images, rows), tf.gather(labels, rows)];
        optimizer.minimize(
          () => tf.losses.softmaxCrossEntropy(y, x.matMul(w1).add(b1).relu().matMul(w2).add(b2)),
          false,
          parameters,
        );
      });
    }
    await w2.data();
  };
}

/** tfjs-node would draw a progress bar. The type wants a member of an enum that tfjs does not export. */
const silently = JSON.parse('{ "verbose": 0 }') as FitOptions;

function fitEpoch(images: Matrix, labels: Matrix): Epoch {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [pixels], units: hidden, activation: 'relu' }));
  model.add(tf.layers.dense({ units: classes, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.sgd(learningRate), loss: 'categoricalCrossentropy' });
  return async () => {
    await model.fit(images, labels, { ...silently, batchSize, epochs: 1, shuffle: true, yieldEvery: 'never' });
  };
}

async function prepare({ data }: PrepareRequest): Promise<Commands> {
  const { images, labels } = await firstClient(data);
  const epoch = process.argv[2] === 'fit' ? fitEpoch(images, labels) : eagerEpoch(images, labels);
  const count = images.shape[0] / batchSize;

  async function steps(): Promise<StepsReply> {
    const start = performance.now();
    await epoch();
    return { microsecondsPerStep: ((performance.now() - start) / count) * 1000, steps: count };
  }

  await steps();
  return { steps };
}

await serve({ tfjs: tf.version.tfjs }, prepare);
