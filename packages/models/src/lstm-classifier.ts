import { defineModel, FedxError } from '@fedx/core';
import { dense, lstm, modelOf, sequence, stateless } from './layers/index.js';

/**
 * An LSTM over a sequence, and a dense layer from its last state to the logits. Examples are `[length, features]`; an image
 * `[height, width, channels]` is read row by row (Le, Jaitly and Hinton 2015 read it pixel by pixel).
 */
export const lstmClassifier = defineModel({
  name: 'lstm-classifier',
  options: {
    type: 'object',
    description: 'An LSTM over a sequence, and a dense layer from its last state; an image is read row by row.',
    additionalProperties: false,
    properties: { units: { type: 'integer', minimum: 1, default: 128, description: 'Units of the LSTM.' } },
  },
  create({ units }, { inputShape, classes }) {
    const [length, ...rest] = inputShape;
    if (length === undefined || rest.length === 0 || rest.length > 2) {
      throw new FedxError(
        'FEDX_MODEL_SHAPE',
        `The model lstm-classifier reads sequences [length, features] or images, but an example has shape [${inputShape.join(', ')}].`,
        { place: { plugin: 'lstm-classifier' } },
      );
    }
    const features = rest.reduce((product, size) => product * size, 1);
    const rows = stateless((x, { tf }) => tf.reshape(x, [-1, length, features]));
    return modelOf(sequence([rows, lstm('lstm', length, features, units)]), dense('dense-1', units, classes));
  },
});
