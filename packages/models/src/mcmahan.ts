/** The two MNIST models of McMahan, Moore, Ramage, Hampson and Agüera y Arcas 2017 (arXiv 1602.05629, section 3). */
import { defineModel } from '@fedx/core';
import { activation, conv, dense, flatten, imageShape, maxPool, modelOf, sequence } from './layers/index.js';
import { perceptron } from './mlp.js';

const none = { type: 'object', additionalProperties: false, properties: {} } as const;

/** 2NN: two hidden layers of 200 units with ReLU; 199,210 parameters on MNIST. */
export const mcmahan2nn = defineModel({
  name: 'mcmahan-2nn',
  options: { ...none, description: 'The 2NN of McMahan et al. 2017: two dense layers of 200 units, ReLU.' },
  create: (_, { inputShape, classes }) => perceptron(inputShape, [200, 200], 'relu', classes),
});

/**
 * CNN: two 5x5 convolutions (32, then 64 channels, each with ReLU and 2x2 max pooling), a dense layer of 512 units with
 * ReLU, and the logits; 1,663,370 parameters on MNIST.
 */
export const mcmahanCnn = defineModel({
  name: 'mcmahan-cnn',
  options: {
    ...none,
    description: 'The CNN of McMahan et al. 2017: two convolutions and a dense layer of 512 units, ReLU.',
  },
  create(_, shape) {
    const { height, width, channels } = imageShape('mcmahan-cnn', shape, 4);
    const features = Math.floor(Math.floor(height / 2) / 2) * Math.floor(Math.floor(width / 2) / 2) * 64;
    const body = sequence([
      conv('conv-1', { size: 5, inputs: channels, filters: 32 }),
      activation('relu'),
      maxPool(2),
      conv('conv-2', { size: 5, inputs: 32, filters: 64 }),
      activation('relu'),
      maxPool(2),
      flatten(features),
      dense('dense-1', features, 512),
      activation('relu'),
    ]);
    return modelOf(body, dense('dense-2', 512, shape.classes));
  },
});
