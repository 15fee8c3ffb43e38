import { defineModel } from '@fedx/core';
import { perceptron } from './mlp.js';

/** Multinomial logistic regression: one dense layer from the flattened input to the logits. */
export const softmaxRegression = defineModel({
  name: 'softmax-regression',
  options: {
    type: 'object',
    description: 'One dense layer: a convex problem.',
    additionalProperties: false,
    properties: {},
  },
  create: (_, { inputShape, classes }) => perceptron(inputShape, [], 'relu', classes),
});
