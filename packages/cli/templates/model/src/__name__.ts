import { defineModel, type Random } from '@fedx/core';

/** One hidden layer of tanh units. Kernels start Glorot-uniform (Glorot and Bengio 2010), biases at zero. */
export default defineModel({
  name: '__name__',
  options: {
    type: 'object',
    description: 'One hidden layer of tanh units.',
    additionalProperties: false,
    properties: { hidden: { type: 'integer', minimum: 1, default: 32, description: 'Units of the hidden layer.' } },
  },
  create: ({ hidden }, { inputShape, classes }) => {
    const features = inputShape.reduce((product, size) => product * size, 1);
    return {
      init: (random) => ({
        'hidden/kernel': glorotUniform(random.at('hidden/kernel'), features, hidden),
        'hidden/bias': { shape: [hidden], data: new Float32Array(hidden) },
        'output/kernel': glorotUniform(random.at('output/kernel'), hidden, classes),
        'output/bias': { shape: [classes], data: new Float32Array(classes) },
      }),
      apply: ({ tf, parameters, inputs }) => {
        const dense = (x: typeof inputs, layer: string): typeof inputs => {
          const { [`${layer}/kernel`]: kernel, [`${layer}/bias`]: bias } = parameters;
          if (kernel === undefined || bias === undefined) throw new TypeError(`There is no layer ${layer}.`);
          return tf.add(tf.matMul(x, kernel), bias);
        };
        return { logits: dense(tf.tanh(dense(tf.reshape(inputs, [-1, features]), 'hidden')), 'output') };
      },
    };
  },
});

/** Uniform in ±sqrt(6 / (inputs + units)), `[inputs, units]`. */
function glorotUniform(random: Random, inputs: number, units: number): { shape: number[]; data: Float32Array } {
  const limit = Math.sqrt(6 / (inputs + units));
  const data = Float32Array.from({ length: inputs * units }, () => (2 * random.uniform() - 1) * limit);
  return { shape: [inputs, units], data };
}
