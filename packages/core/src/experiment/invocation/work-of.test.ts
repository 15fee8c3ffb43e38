import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { fromLayers } from '../../layers/index.js';
import { createRandom } from '../../random/index.js';
import { workOf } from './work-of.js';

const { conv2d, depthwiseConv2d, flatten, maxPooling2d } = tf.layers;
const inputShape = [12, 12, 3];
const conv = { inputShape, filters: 4, kernelSize: 3 };

describe('workOf', () => {
  it.each<[string, () => tf.layers.Layer[], string]>([
    ['no convolution', () => [], 'products'],
    ['convolutions, and pools side by side', () => [conv2d(conv), maxPooling2d({ poolSize: 2 })], 'products'],
    ['a strided convolution among others', () => [conv2d(conv), conv2d({ ...conv, strides: 2 })], 'products'],
    ['strided convolutions', () => [conv2d({ ...conv, strides: 2 }), conv2d({ ...conv, strides: 2 })], 'windows'],
    ['a dilated convolution', () => [conv2d({ ...conv, dilationRate: 2 })], 'windows'],
    ['a depthwise convolution', () => [depthwiseConv2d({ inputShape, kernelSize: 3 })], 'windows'],
    ['a pool that overlaps', () => [conv2d(conv), maxPooling2d({ poolSize: 3, strides: 2 })], 'windows'],
  ])('of a model with %s', async (_, layers, work) => {
    const model = await fromLayers((own) =>
      own.sequential({ layers: [...layers(), flatten({ inputShape }), own.layers.dense({ units: 2 })] }),
    );
    expect(await workOf(model, { inputShape }, model.init(createRandom(1)))).toBe(work);
  });
});
