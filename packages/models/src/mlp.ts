import { defineModel, type Model } from '@fedx/core';
import { activation, dense, flatten, modelOf, sequence } from './layers/index.js';

/**
 * Multilayer perceptron: the input is flattened to `[batch, features]`, each hidden layer is
 * `activation(x · kernel + bias)`, and a last dense layer of `classes` units gives the logits.
 * Layers are named `dense-1`, `dense-2`, … from the input on; a `kernel` is `[inputs, units]`, a `bias` `[units]`.
 * Kernels start Glorot-uniform, biases at zero. `hidden: []` is softmax regression.
 */
export const mlp = defineModel({
  name: 'mlp',
  options: {
    type: 'object',
    description: 'Multilayer perceptron: flattened inputs, dense hidden layers, and one logit a class.',
    additionalProperties: false,
    properties: {
      hidden: {
        type: 'array',
        items: { type: 'integer', minimum: 1, description: 'Units of one hidden layer.' },
        default: [128],
        description: 'Units of each hidden layer, from the input on; [] is softmax regression.',
      },
      activation: {
        type: 'string',
        enum: ['relu', 'tanh', 'sigmoid'],
        default: 'relu',
        description: 'Applied after each hidden layer.',
      },
    },
  },
  create: ({ hidden, activation: name }, { inputShape, classes }) => perceptron(inputShape, hidden, name, classes),
});

/** A perceptron with these hidden layers. */
export function perceptron(
  inputShape: readonly number[],
  hidden: readonly number[],
  name: 'relu' | 'tanh' | 'sigmoid',
  classes: number,
): Model {
  const features = inputShape.reduce((product, size) => product * size, 1);
  const widths = [features, ...hidden];
  const last = hidden.length + 1;
  const body = hidden.flatMap((units, i) => [dense(`dense-${i + 1}`, widths[i] ?? 0, units), activation(name)]);
  return modelOf(sequence([flatten(features), ...body]), dense(`dense-${last}`, widths.at(-1) ?? 0, classes));
}
