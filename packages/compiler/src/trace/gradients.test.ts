import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerGradients } from './gradients.js';

type Function = (x: tf.Tensor) => tf.Tensor;

const numbers = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(i * 1.7 + seed)),
    [...shape],
  );

/**
 * The gradient of `sum(f(x) * c)` by its definition: f is linear, so that the change of the sum for a step of one is
 * exact but for rounding, however large the step.
 */
function byDefinition(f: Function, x: tf.Tensor, c: tf.Tensor): number[] {
  const sum = (at: tf.Tensor): number => tf.sum(tf.mul(f(at), c)).dataSync()[0] ?? 0;
  const base = sum(x);
  const values = Float32Array.from(x.dataSync());
  return Array.from(values, (value, i) => sum(tf.tensor(values.with(i, value + 1), x.shape)) - base);
}

const filter = (shape: [number, number, number, number]): tf.Tensor4D => numbers(shape, 3) as tf.Tensor4D;
const images = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const [wide, deep] = [filter([3, 2, 2, 3]), filter([2, 3, 2, 2])];
const input = numbers([2, 6, 7, 2], 9);

const linear: readonly (readonly [string, readonly number[], Function])[] = [
  ['a dilated convolution in its input', [2, 7, 6, 2], (x) => tf.conv2d(images(x), wide, 1, 'valid', 'NHWC', [2, 3])],
  [
    'a dilated convolution in its filter',
    [2, 3, 2, 2],
    (x) => tf.conv2d(images(input), images(x), 1, 'same', 'NHWC', 2),
  ],
  [
    'a dilated depthwise convolution in its input',
    [1, 7, 6, 2],
    (x) => tf.depthwiseConv2d(images(x), deep, 1, 'same', 'NHWC', 2),
  ],
  [
    'a dilated depthwise convolution in its filter',
    [3, 2, 2, 2],
    (x) => tf.depthwiseConv2d(images(input), images(x), 1, 'valid', 'NHWC', [1, 3]),
  ],
  ['a strided convolution in its input', [2, 6, 5, 2], (x) => tf.conv2d(images(x), wide, 2, 'same')],
  ['a strided slice', [7, 5], (x) => tf.stridedSlice(x, [1, -1], [7, 0], [3, -2])],
  ['a tile', [2, 3, 1], (x) => tf.tile(x, [3, 1, 2])],
  ['average pooling over the border', [1, 5, 6, 2], (x) => tf.avgPool(images(x), 3, 2, 'same')],
  ['average pooling side by side', [1, 5, 6, 2], (x) => tf.avgPool(images(x), 2, 2, 'valid')],
  ['a cumulative sum along the first axis', [3, 4], (x) => tf.cumsum(x, 0, true)],
  [
    'reflection',
    [4, 3],
    (x) =>
      tf.mirrorPad(
        x,
        [
          [2, 3],
          [0, 1],
        ],
        'reflect',
      ),
  ],
  [
    'symmetric padding',
    [3, 3],
    (x) =>
      tf.mirrorPad(
        x,
        [
          [3, 2],
          [1, 0],
        ],
        'symmetric',
      ),
  ],
];

beforeAll(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

describe('a gradient of ours', () => {
  it.each(linear)('is what its definition says, of %s', (_, shape, f) => {
    const x = numbers(shape, 1);
    const c = numbers(f(x).shape, 2);
    const gradient = tf.grad((at) => tf.sum(tf.mul(f(at), c)))(x);
    const expected = byDefinition(f, x, c);
    expect(gradient.shape).toEqual(x.shape);
    [...gradient.dataSync()].forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(1e-4);
    });
  });

  it('is zero for a comparison: of where(x > 1, 2 x, x) by hand', () => {
    const gradient = tf.grad((x) => tf.sum(tf.where(tf.greater(x, 1), tf.mul(x, 2), x)))(tf.tensor1d([0, 1, 3]));
    expect([...gradient.dataSync()]).toEqual([1, 1, 2]);
  });
});
