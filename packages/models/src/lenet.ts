import { defineModel } from '@fedx/core';
import { activation, conv, dense, flatten, imageShape, maxPool, modelOf, sequence } from './layers/index.js';

/**
 * LeNet-5 in the form of today's papers (LeCun et al. 1998, section II.B; as in Flower's niid_bench): 5x5 convolutions of 6
 * and 16 channels without padding, each with ReLU and 2x2 max pooling, dense layers of 120 and 84 units with ReLU, and the logits.
 */
export const lenet = defineModel({
  name: 'lenet',
  options: {
    type: 'object',
    description: 'LeNet-5 as papers use it today: two convolutions and three dense layers, ReLU, max pooling.',
    additionalProperties: false,
    properties: {},
  },
  create(_, shape) {
    const { height, width, channels } = imageShape('lenet', shape, 16);
    const left = (size: number): number => Math.floor((Math.floor((size - 4) / 2) - 4) / 2);
    const features = left(height) * left(width) * 16;
    const body = sequence([
      conv('conv-1', { size: 5, inputs: channels, filters: 6, padding: 'valid' }),
      activation('relu'),
      maxPool(2),
      conv('conv-2', { size: 5, inputs: 6, filters: 16, padding: 'valid' }),
      activation('relu'),
      maxPool(2),
      flatten(features),
      dense('dense-1', features, 120),
      activation('relu'),
      dense('dense-2', 120, 84),
      activation('relu'),
    ]);
    return modelOf(body, dense('dense-3', 84, shape.classes));
  },
});
