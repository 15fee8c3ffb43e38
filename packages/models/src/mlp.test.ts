import type { ModelRandom, Random } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mlp } from './mlp.js';

/** A stream whose uniform draws come from `draw`, at every path. */
function streamOf(draw: () => number): Random {
  const stream: Random = {
    ...createRandom(0),
    at: () => stream,
    uniform: draw,
    uint32: () => Math.floor(draw() * 2 ** 32),
    integer: (bound) => Math.floor(draw() * bound),
    normal: draw,
    shuffle: (values) => values,
  };
  return stream;
}

/** The model draws nothing. */
const random: ModelRandom = { uniform: (shape) => tf.zeros([...shape]), dropout: (x) => x };
const recurrence = (): never => {
  throw new TypeError('There is no recurrence in here.');
};
const context = { directory: '.' };
const mnist = { inputShape: [28, 28, 1], classes: 10 };
const size = (data: Float32Array[]): number => data.reduce((sum, { length }) => sum + length, 0);

describe('mlp', () => {
  it('names its layers from the input on and shapes kernels as [inputs, units]', () => {
    const parameters = mlp.create({ hidden: [16, 8], activation: 'relu' }, mnist, context).init(streamOf(() => 0.5));
    expect(Object.entries(parameters).map(([name, { shape }]) => [name, shape])).toEqual([
      ['dense-1/kernel', [784, 16]],
      ['dense-1/bias', [16]],
      ['dense-2/kernel', [16, 8]],
      ['dense-2/bias', [8]],
      ['dense-3/kernel', [8, 10]],
      ['dense-3/bias', [10]],
    ]);
  });

  it('has the 199,210 parameters of the 2NN of McMahan et al. 2017 with two hidden layers of 200', () => {
    const parameters = mlp.create({ hidden: [200, 200], activation: 'relu' }, mnist, context).init(streamOf(() => 0.5));
    expect(size(Object.values(parameters).map(({ data }) => data))).toBe(199_210);
  });

  it('is softmax regression without hidden layers', () => {
    const parameters = mlp.create({ hidden: [], activation: 'relu' }, mnist, context).init(streamOf(() => 0.5));
    expect(Object.keys(parameters)).toEqual(['dense-1/kernel', 'dense-1/bias']);
  });

  it('draws kernels from the Glorot interval and starts biases at zero', () => {
    const shape = { inputShape: [3], classes: 3 };
    // sqrt(6 / (3 + 3)) = 1, and a draw of 0.75 is half way up from the middle.
    const half = mlp.create({ hidden: [], activation: 'relu' }, shape, context).init(streamOf(() => 0.75));
    expect([...(half['dense-1/kernel']?.data ?? [])]).toEqual(new Array(9).fill(0.5));
    expect([...(half['dense-1/bias']?.data ?? [])]).toEqual([0, 0, 0]);
  });

  it('keeps every kernel value within sqrt(6 / (inputs + units))', () => {
    const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 6 }), draws, (inputs, classes, values) => {
        let next = 0;
        const draw = (): number => values[next++ % values.length] ?? 0;
        const kernel = mlp
          .create({ hidden: [], activation: 'relu' }, { inputShape: [inputs], classes }, context)
          .init(streamOf(draw))['dense-1/kernel'];
        const limit = Math.fround(Math.sqrt(6 / (inputs + classes)));
        expect(kernel?.data.every((value) => Math.abs(value) <= limit)).toBe(true);
      }),
    );
  });

  it('flattens its inputs and gives the logits of a forward pass worked out by hand', () => {
    const model = mlp.create({ hidden: [2], activation: 'relu' }, { inputShape: [2, 1], classes: 2 }, context);
    const { logits } = model.apply({
      tf,
      mode: 'evaluate',
      random,
      recurrence,
      inputs: tf.tensor3d([[[1], [2]]]),
      parameters: {
        'dense-1/kernel': tf.tensor2d([
          [1, -1],
          [1, -1],
        ]),
        'dense-1/bias': tf.tensor1d([0.5, 0]),
        'dense-2/kernel': tf.tensor2d([
          [2, 0],
          [7, 7],
        ]),
        'dense-2/bias': tf.tensor1d([0, 1]),
      },
    });
    // Hidden: relu([3.5, -3]) = [3.5, 0]; logits: [7, 0] + [0, 1].
    expect(logits.shape).toEqual([1, 2]);
    expect([...logits.dataSync()]).toEqual([7, 1]);
  });

  it('applies the activation to hidden layers only', () => {
    const model = mlp.create({ hidden: [1], activation: 'sigmoid' }, { inputShape: [1], classes: 2 }, context);
    const { logits } = model.apply({
      tf,
      mode: 'train',
      random,
      recurrence,
      inputs: tf.tensor2d([[0]]),
      parameters: {
        'dense-1/kernel': tf.tensor2d([[1]]),
        'dense-1/bias': tf.tensor1d([0]),
        'dense-2/kernel': tf.tensor2d([[6, -6]]),
        'dense-2/bias': tf.tensor1d([0, 0]),
      },
    });
    expect([...logits.dataSync()]).toEqual([3, -3]);
  });
});
